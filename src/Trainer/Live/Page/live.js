// The page of a training while it goes on. The trainer says what is new (events); the network and the digits are asked for, when there is time.
const token = new URLSearchParams(location.search).get("token") ?? "";
const ask = (path, method = "GET") => fetch(path, { method, headers: { Authorization: `Bearer ${token}` } });

const rowsByRun = new Map();
const digitsByIndex = new Map();
let all = { state: "Preparing", count: 0 };
let subject = null;
let networkNow = null;
let networkSteps = null;
let detail = null;
let mistakes = null;
let isChosen = false;
let source = null;
let pace = [];

function run() {
  return subject;
}

function network() {
  return networkNow;
}

// What others train is out of reach.
const isWatching = byId("stop").hidden;

const hasEnded = (state) => ["Finished", "Interrupted", "Failed", "Stopped"].includes(state);
const isOver = () => hasEnded(all.state);

// ---- being told

function listen() {
  source?.close();
  source = new EventSource(`events?token=${encodeURIComponent(token)}${subject ? `&run=${subject.run}` : ""}`);
  source.onmessage = ({ data }) => take(JSON.parse(data));
  source.onerror = () => {
    if (!isOver()) {
      tell("The trainer does not answer. What is shown is how it was.", true);
    }
  };
}

function quiet() {
  clearTimeout(later);
  source?.close();
  source = null;
}

// A page that nobody sees asks for nothing.
document.addEventListener("visibilitychange", () => {
  if (isOver()) {
    return;
  }

  if (document.hidden) {
    quiet();
  } else if (!source) {
    listen();
  }
});

const extend = (points = [], part) => [...points.slice(0, part.from), ...part.points];
const withLast = (points, part) => (part.last && points.at(-1) !== part.last && points.at(-1)?.[0] !== part.last[0] ? [...points, part.last] : points);

function take(message) {
  all = message;
  for (const row of message.rows) {
    rowsByRun.set(row.run, row);
  }

  for (const number of rowsByRun.keys()) {
    if (number < message.count - 500) {
      rowsByRun.delete(number);
    }
  }

  showRuns(message.rows);
  if (message.run && message.run.run === subject?.run && message.run.edition === subject.edition) {
    const before = detail;
    detail = message.run;
    for (const name of ["evaluations", "gradientNorms", "examinations"]) {
      const kept = extend(before?.[name].kept, detail[name]);
      detail[name] = { kept, points: withLast(kept, detail[name]), total: (before?.[name].total ?? 0) + detail[name].points.length };
    }

    detail.mistakes ??= before?.mistakes;
    pace = [...pace.filter(([, seconds]) => seconds > detail.seconds - 3 && seconds < detail.seconds), [detail.steps, detail.seconds]];
    showDetail();
  }

  showState();
  follow();
  pull();
  if (isOver()) {
    leave();
  }
}

// At the end the page keeps what it shows: it takes the last network and the last mistakes, and lets the trainer go.
async function leave() {
  byId("pause").disabled = byId("stop").disabled = true;
  await pull(true);
  await showMistakes();
  quiet();
}

// ---- which run is looked at

// Until the user chooses one, the newest that trains; but not a new one several times a second.
let followed = 0;
function follow() {
  const current = subject && rowsByRun.get(subject.run);

  // Another run was begun in its folder.
  if (current && current.edition !== subject.edition) {
    look(subject.run);
    return;
  }

  if ((isChosen && subject) || rowsByRun.size === 0 || (current && !hasEnded(current.state)) || (current && performance.now() - followed < 3000)) {
    return;
  }

  const rows = [...rowsByRun.values()];
  const next = rows.findLast((row) => row.state === "Training") ?? (subject ? null : rows.at(-1));
  if (next && next.run !== subject?.run) {
    followed = performance.now();
    look(next.run);
  }
}

const tiles = new Map();

// The run that is asked for; whoever chooses another meanwhile is given that one.
let looking = null;
async function look(number) {
  if (looking?.number === number) {
    return;
  }

  const mine = (looking = { number });
  try {
    const answer = await ask(`run?run=${number}`);
    const next = answer.ok ? await answer.json() : null;
    if (next && looking === mine) {
      present(next);
      if (!isOver()) {
        listen();
      }
    }
  } catch {
    // Who is listened to says whether the trainer is still there.
  } finally {
    if (looking === mine) {
      looking = null;
    }
  }
}

// What is asked for of a run; of another one in its place there is no answer.
const named = (wanted) => `run=${wanted.run}&edition=${wanted.edition}`;

function present(next) {
  const same = subject && JSON.stringify(subject.layers) === JSON.stringify(next.layers);
  subject = next;
  [detail, networkNow, networkSteps, mistakes, pace] = [null, null, null, null, []];
  digitsByIndex.clear();
  tiles.clear();
  byId("tiles").replaceChildren();
  byId("tested-heading").textContent = `${subject.tested} misses`;
  subject.samples.forEach((one) => digitsByIndex.set(one.index, one));
  byId("subject").hidden = false;
  byId("about").textContent = [rowsByRun.size > 1 ? subject.name : "", subject.description ?? ""].filter(Boolean).join(": ");
  byId("tested-key").textContent = `${subject.tested} digits`;
  const source = subject.errorFigures[0]?.name.split(",")[0];
  byId("article-key").textContent = `the ${source ?? "article"}'s end`;
  byId("article-key").hidden = document.querySelector(".keys .article").hidden = !source;
  byId("draw").hidden = Boolean(subject.withoutPad);
  byId("pad-note").hidden = !subject.withoutPad;
  byId("pad-note").textContent = subject.withoutPad ?? "";
  byId("samples").replaceChildren(...subject.samples.map(buttonOf));
  byId("samples-section").hidden = byId("random").hidden = subject.samples.length === 0;
  byId("mistakes").replaceChildren();
  byId("mistakes-note").textContent = subject.withoutDigits ?? "Not known yet.";
  if (!same && subject.layers) {
    const shape = new Network({ loss: subject.loss, layers: subject.layers, parameters: "" });
    byId("units").replaceChildren(...shape.shown.map(figureOf));
  }

  byId("kernels-section").hidden = byId("connections-section").hidden = !subject.layers;
  if (strokes.length === 0 && !found && subject.samples.length > 0) {
    show(subject.samples[0], byId("samples").firstElementChild);
  } else {
    refresh(true);
  }

  for (const id of ["errors", "losses", "norms", "rates"]) {
    byId(id).replaceChildren();
  }
}

// ---- the network as it is now

let pulling = null;
let rest = 0;
let later = 0;
async function pull(isLast) {
  if (pulling || !subject?.layers || !detail || detail.parameters === undefined || detail.parameters === networkSteps) {
    return isLast && pulling ? pulling.then(() => pull(true)) : undefined;
  }

  const wait = rest - performance.now();
  if (!isLast && wait > 0) {
    clearTimeout(later);
    later = setTimeout(() => pull(), wait);
    return undefined;
  }

  const wanted = subject;
  pulling = fetchNetwork(wanted).finally(() => {
    pulling = null;

    // Of a run that has ended nothing else says that there is a network.
    if (wanted !== subject) {
      pull();
    }
  });
  return pulling;
}

async function fetchNetwork(wanted) {
  try {
    const answer = await ask(`parameters?${named(wanted)}`);
    const bytes = answer.ok ? await answer.arrayBuffer() : null;
    if (!bytes || wanted !== subject) {
      return;
    }

    networkSteps = Number(answer.headers.get("Steps"));
    const parameters = new Float32Array(bytes);
    const begun = performance.now();
    networkNow ??= new Network({ loss: wanted.loss, layers: wanted.layers, parameters: "" });
    networkNow.parameters = parameters;
    paintKernels(networkNow);
    paintConnections(networkNow);
    say(classify());

    // A network that takes long to draw is drawn seldom.
    rest = performance.now() + Math.max(200, 5 * (performance.now() - begun));
  } catch {
    rest = performance.now() + 1000;
  }
}

// The weights of a second layer of convolutions: a square for each map and each map below that it reads.
function paintConnections({ layers, parameters }) {
  const [below, layer] = layers.filter((each) => each.kind === "convolution");
  const section = byId("connections-section");
  section.hidden = !layer || layer.input[0] > 64 || layer.output[0] > 128;
  if (section.hidden) {
    return;
  }

  const [maps, sources, kernel] = [layer.output[0], layer.input[0], layer.kernel];
  const cell = kernel + 1;
  const canvas = byId("connections");
  const heading = `The connections of ${layer.name}`;
  if (canvas.width !== maps * cell + 1 || canvas.height !== sources * cell + 1 || byId("connections-heading").textContent !== heading) {
    canvas.width = maps * cell + 1;
    canvas.height = sources * cell + 1;
    byId("connections-heading").textContent = heading;
    const links = layer.sources.reduce((sum, each) => sum + each.length, 0);
    byId("connections-note").textContent =
      `A column is one of ${maps} maps of ${layer.name}, a row one of ${sources} maps of ${below.name}; a square is the kernel between them, and where there is none, they are not connected.`;
    canvas.setAttribute("aria-label", `${heading}: ${links} kernels of ${kernel} by ${kernel} from ${sources} to ${maps} maps`);
  }

  const count = layer.sources.reduce((sum, each) => sum + each.length, 0) * kernel * kernel;
  const most = largest(parameters.subarray(layer.weights, layer.weights + count));
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  let at = layer.weights;
  layer.sources.forEach((list, map) => {
    for (const from of list) {
      const image = context.createImageData(kernel, kernel);
      for (let index = 0; index < kernel * kernel; index++) {
        image.data.set(colourOf(parameters[at + index] / most), 4 * index);
        image.data[4 * index + 3] = 255;
      }

      context.putImageData(image, map * cell + 1, from * cell + 1);
      at += kernel * kernel;
    }
  });
}

// ---- what is shown

function tell(text, isBad) {
  const status = byId("status");
  status.classList.toggle("bad", Boolean(isBad));
  if (status.textContent !== text) {
    status.textContent = text;
  }
}

function showState() {
  const device = subject?.device ? ` on ${subject.device}` : "";
  const texts = {
    Preparing: "Getting ready.",
    Training: `Training${device}.`,
    Paused: "Paused: the training stands still between two steps.",
    Stopping: "Stopping: the steps up to the next evaluation are finished, and what is done is kept.",
    Finished: "The run has ended. This page keeps what it shows.",
    Interrupted: "The run was stopped, and what it had done is kept. This page keeps what it shows.",
    Failed: "The run has failed. This page keeps what it shows.",
  };
  const row = subject && rowsByRun.get(subject.run);
  if (!isWatching) {
    tell([texts[all.state] ?? "", all.message ?? ""].filter(Boolean).join(" "), all.state === "Failed");
  } else if (isOver()) {
    tell("The watching has ended. This page keeps what it shows.");
  } else {
    const one = row ? `${subject.name} is ${row.state.toLowerCase()}.` : "There are no runs yet.";
    tell(["Only watched here, and trained by others.", all.message, one, row?.message].filter(Boolean).join(" "));
  }

  const pause = byId("pause");
  pause.textContent = all.state === "Paused" ? "Go on" : "Pause";
  pause.disabled = !["Training", "Paused"].includes(all.state);
  byId("stop").disabled = !["Training", "Paused", "Preparing"].includes(all.state);
}

const duration = (seconds) =>
  !Number.isFinite(seconds) ? "" : seconds < 60 ? `${Math.round(seconds)} s` : seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;

function speed() {
  const [first, last] = [pace[0], pace.at(-1)];
  const elapsed = last[1] - first[1];
  return elapsed > 0.2 ? (last[0] - first[0]) / elapsed : detail.seconds > 0 ? detail.steps / detail.seconds : 0;
}

function tile(name, value, small = "") {
  if (!tiles.has(name)) {
    const box = document.createElement("div");
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    box.append(term, text);
    byId("tiles").append(box);
    tiles.set(name, { box, text });
  }

  const { box, text } = tiles.get(name);
  const says = `${value}\n${small}`;
  if (text.dataset.says !== says) {
    text.dataset.says = says;
    const note = document.createElement("small");
    note.textContent = small;
    text.replaceChildren(document.createTextNode(`${value} `), ...(small ? [note] : []));
  }
}

let shownEvaluations = "";
function showDetail() {
  const { steps, latest } = detail;
  const row = rowsByRun.get(subject.run);
  const hasRunEnded = hasEnded(row?.state);
  byId("progress").value = steps / subject.total;
  const inPasses = subject.axis === "pass";
  const place = inPasses ? Math.min(Math.floor(steps / (subject.total / subject.end)) + (hasRunEnded ? 0 : 1), subject.end) : steps;
  tile(inPasses ? "pass" : "step", grouped(place), `of ${grouped(subject.end)}`);
  tile(`${subject.tested} misses`, latest ? grouped(latest.test.misses) : "", latest ? `of ${grouped(latest.test.examples)}` : "");
  tile("training misses", latest ? grouped(latest.train.misses) : "", latest ? `of ${grouped(latest.train.examples)}` : "");
  tile("learning rate", detail.learningRate === undefined ? "" : brief(detail.learningRate));
  tile("gradient norm", detail.gradientNorms.points.length ? brief(detail.gradientNorms.points.at(-1)[1]) : "");
  const rate = speed();
  const isMoving = !hasRunEnded && all.state !== "Paused";
  tile("speed", !isMoving ? "" : rate < 10 ? brief(rate) : grouped(rate), !isMoving ? "" : subject.batch === 1 ? "examples/s" : "steps/s");
  tile("time left", hasRunEnded ? "0 s" : all.state === "Paused" ? "paused" : duration((subject.total - steps) / rate));
  showCurves();
  showMistakes();
}

function showCurves() {
  const { evaluations, gradientNorms, examinations } = detail;
  const key = `${subject.run} ${evaluations.total} ${gradientNorms.total} ${examinations.total} ${evaluations.points.at(-1)?.[0]} ${innerWidth}`;
  if (key === shownEvaluations) {
    return;
  }

  shownEvaluations = key;
  const line = (kind, points, at) => ({ kind, points: points.map((point) => [point[0], point[at]]) });
  const common = { end: subject.end, axis: subject.axis };

  // Between evaluations that are far apart, what was found on the first digits.
  const between = examinations.points.length > 2 * evaluations.points.length ? [line("sample", examinations.points, 1)] : [];
  drawChart(byId("errors"), {
    ...common, lines: [...between, line("train", evaluations.points, 1), line("test", evaluations.points, 2)], figures: subject.errorFigures, least: 0.02,
  });
  drawChart(byId("losses"), {
    ...common, lines: [line("train", evaluations.points, 3), line("test", evaluations.points, 4)], figures: subject.lossFigures, least: 1e-9,
  });
  drawChart(byId("norms"), { ...common, lines: [line("test", gradientNorms.points, 1)], least: 1e-12 });
  drawChart(byId("rates"), { ...common, lines: [line("test", evaluations.points, 5)], least: 1e-12 });
  const last = evaluations.points.at(-1);
  if (last) {
    const where = `${subject.axis} ${brief(last[0])} of ${grouped(subject.end)}`;
    byId("errors").setAttribute("aria-label", `Misclassified digits after ${where}: ${subject.tested} ${brief(last[2])}%, training ${brief(last[1])}%`);
    byId("losses").setAttribute("aria-label", `Loss after ${where}: ${subject.tested} ${brief(last[4] ?? NaN)}, training ${brief(last[3] ?? NaN)}`);
    byId("rates").setAttribute("aria-label", `Learning rate after ${where}: ${brief(last[5])}`);
  }

  if (gradientNorms.points.length > 0) {
    byId("norms").setAttribute("aria-label", `Norm of the gradient: ${brief(gradientNorms.points.at(-1)[1])}`);
  }
}

addEventListener("resize", () => detail && showCurves());

// ---- mistakes

const mistakeButtons = new Map();
let fetching = null;
async function showMistakes() {
  const now = detail?.mistakes;

  // Who has gone to one of them with the keyboard is not pushed off it.
  if (!now || now === mistakes || byId("mistakes").contains(document.activeElement)) {
    return;
  }

  if (fetching) {
    await fetching;
    return;
  }

  const wanted = subject;
  fetching = fetchMistakes(now, wanted).finally(() => {
    fetching = null;
    if (wanted !== subject) {
      showMistakes();
    }
  });
  await fetching;
}

async function fetchMistakes(now, wanted) {
  const missing = now.digits.map(({ index }) => index).filter((index) => !digitsByIndex.has(index));
  if (missing.length > 0) {
    const digits = await ask(`digits?${named(wanted)}&of=${missing.join()}`)
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
    if (!digits || wanted !== subject) {
      return;
    }

    digits.forEach((one) => digitsByIndex.set(one.index, one));
  }

  mistakes = now;
  byId("mistakes-note").textContent = now.count === 0
    ? `It gets every one of ${grouped(now.examined)} ${wanted.tested} digits right.`
    : `After ${grouped(now.steps)} steps it gets ${grouped(now.count)} of ${grouped(now.examined)} ${wanted.tested} digits wrong`
      + `${now.digits.length < now.count ? `; these are its ${now.digits.length} most confident mistakes` : ""}. What each is → what it was taken for.`;
  const buttons = now.digits.map(({ index, predicted, confidence }) => {
    const key = `${named(wanted)} ${index} ${predicted}`;
    if (!mistakeButtons.has(key)) {
      mistakeButtons.set(key, buttonOf({ ...digitsByIndex.get(index), predicted, confidence }));
    }

    return mistakeButtons.get(key);
  });
  byId("mistakes").replaceChildren(...buttons);
  if (mistakeButtons.size > 2000) {
    mistakeButtons.clear();
  }
}

// ---- several runs

const rowElements = new Map();
function showRuns(changed) {
  byId("runs-section").hidden = all.count < 2;
  for (const row of changed) {
    let element = rowElements.get(row.run);
    if (!element) {
      element = document.createElement("tr");
      element.innerHTML = "<th scope=\"row\"><button type=\"button\" aria-pressed=\"false\"></button></th><td></td><td></td><td></td><td></td><td></td>";
      element.lastElementChild.append(document.createElement("span"), drawn("svg", { class: "sketch", "aria-hidden": "true" }));
      element.querySelector("button").addEventListener("click", () => {
        isChosen = true;
        look(row.run);
      });
      rowElements.set(row.run, element);
      byId("runs").append(element);
    }

    const cells = element.children;
    cells[0].firstElementChild.textContent = row.name;
    cells[1].textContent = row.state.toLowerCase();
    cells[1].title = row.message ?? "";
    cells[2].textContent = `${Math.floor((100 * row.steps) / Math.max(1, row.total))}%`;
    cells[3].textContent = row.trainMisses ?? "";
    cells[4].textContent = row.testMisses ?? "";
    cells[5].firstElementChild.textContent = row.error === undefined ? "" : `${brief(row.error)}%`;
    drawSketch(cells[5].lastElementChild, row.curve);
  }

  for (const [number, element] of rowElements) {
    if (!rowsByRun.has(number)) {
      element.remove();
      rowElements.delete(number);
    }

    element.querySelector("button")?.setAttribute("aria-pressed", String(number === subject?.run));
  }

  byId("runs-note").textContent = all.count > rowsByRun.size ? `The newest ${rowsByRun.size} of ${grouped(all.count)} are listed.` : "";
}

// ---- commands

async function command(path) {
  const answer = await ask(path, "POST").catch(() => null);
  if (!answer?.ok) {
    tell(answer ? await answer.text() : "The trainer does not answer.", true);
  }
}

byId("pause").addEventListener("click", () => command(all.state === "Paused" ? "resume" : "pause"));
byId("stop").addEventListener("click", () => command("stop"));

dress(wish.matches ? "dark" : "light");
listen();
globalThis.live = { run, network, classify, detail: () => detail, state: () => all, steps: () => networkSteps };
