// The page: the drawing pad, what the layers make of the drawing, and the digits to try.
const data = JSON.parse(document.getElementById("data").textContent);
const networks = data.runs.map((run) => (run.members ? new Ensemble(run) : new Network(run)));
const byId = (id) => document.getElementById(id);
const pad = byId("pad");
const pen = pad.getContext("2d", { willReadFrequently: true });

// What is on the pad: strokes of points, one of the page's own digits, or a picture.
let chosen = 0;
let strokes = [];
let digit = null;
let found = null;
let cursor = null;

const run = () => data.runs[chosen];
const percent = (share) => `${(100 * share).toFixed(share > 0.9995 && share < 1 ? 2 : 1)}%`;

// ---- colours

// From -1 (dark blue) by 0 (grey) to 1 (yellow): cividis, which the colour-blind read as well.
const cividis = [
  "00204d", "00336f", "39486b", "575c6d", "707173", "8a8779", "a69d75", "c4b56c", "e4cf5b", "ffea46",
].map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));

function colourOf(value) {
  const place = ((Math.min(1, Math.max(-1, value)) + 1) / 2) * (cividis.length - 1);
  const index = Math.min(Math.floor(place), cividis.length - 2);
  return cividis[index].map((from, channel) => from + (cividis[index + 1][channel] - from) * (place - index));
}

// ---- maps of units

function paint(canvas, values, most, isGrey) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, index) => {
    const grey = 127.5 * (value + 1);
    image.data.set(isGrey ? [grey, grey, grey] : colourOf(value / most), 4 * index);
    image.data[4 * index + 3] = 255;
  });
  context.putImageData(image, 0, 0);
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);

// Values, so many to a canvas, in colours that go as far as the largest of all.
function paintAll(canvases, values) {
  const most = largest(values);
  const count = values.length / canvases.length;
  canvases.forEach((canvas, index) => paint(canvas, values.subarray(index * count, (index + 1) * count), most, false));
}

// A figure of a layer's units: a square for each of its maps, or a row for each token, or its units in rows.
function figureOf({ name, output }) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const isMaps = output.length === 3;
  const [first, rows, columns] = output;
  caption.textContent = isMaps
    ? `${name}: ${first} maps of ${rows}×${columns}`
    : output.length === 2 ? `${name}: ${first} tokens of ${rows}` : `${name}: ${first} units`;
  const drawing = document.createElement("div");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", `The activations of ${caption.textContent.replace("×", " by ")}`);
  if (isMaps) {
    drawing.className = "maps";
    drawing.append(...Array.from({ length: first }, () => canvasOf(columns, rows)));
  } else {
    const wide = output.length === 2 ? rows : first % 15 === 0 ? 15 : Math.ceil(Math.sqrt(first));
    const canvas = canvasOf(wide, Math.ceil(output.reduce((a, b) => a * b) / wide));
    canvas.className = "map units";
    canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
    drawing.append(canvas);
  }

  figure.append(caption, drawing);
  return figure;
}

// ---- the answer

const rows = Array.from({ length: 10 }, (_, index) => {
  const row = document.createElement("li");
  row.innerHTML = `<b>${index}</b><div class="bar"><i></i></div><span></span>`;
  byId("outputs").append(row);
  return { row, bar: row.querySelector("i"), text: row.querySelector("span") };
});

function inkOnPad() {
  const pixels = pen.getImageData(0, 0, pad.width, pad.height).data;
  return Float32Array.from({ length: pad.width * pad.height }, (_, index) => pixels[4 * index + 3] / 255);
}

function classify() {
  const image = digit
    ? floats(digit.pixels)
    : found ? found.digit && frameFound(found.digit, run().frame)
    : strokes.length > 0 ? frame(inkOnPad(), pad.width, run().frame) : null;
  const seen = image ?? new Float32Array(256).fill(-1);
  const units = networks[chosen].forward(seen);
  paint(byId("input"), seen, 1, true);
  [...byId("units").children].forEach((figure, index) => {
    paintAll([...figure.querySelectorAll("canvas")], units.units[index]);
  });

  const shares = networks[chosen].certainties(units.outputs);
  const best = units.outputs.indexOf(Math.max(...units.outputs));
  rows.forEach(({ row, bar, text }, index) => {
    bar.style.width = image ? `${100 * shares[index]}%` : "0";
    text.textContent = !image ? "" : run().loss === "crossEntropy" ? percent(shares[index]) : units.outputs[index].toFixed(3);
    row.classList.toggle("best", Boolean(image) && index === best);
  });
  return image ? { best, certainty: shares[best], shares, outputs: units.outputs, answers: units.answers } : null;
}

function say(answer) {
  const truth = digit ? ` It is a ${digit.label}.` : "";
  const doubt = found && doubtOf(answer);
  if (doubt) {
    byId("verdict").textContent = `There is no digit to be seen: ${doubt}.`;
    return;
  }

  const seen = found && [...found.seen, ...(found.sureness < 0.9 ? [`${Math.round(100 * found.sureness)}% sure of the shape`] : [])];
  if (seen?.length > 0) {
    byId("verdict").textContent = `${reads(answer)} (${seen.join("; ")}).`;
    return;
  }

  byId("verdict").textContent = answer
    ? `${reads(answer)}.${truth}`
    : "Nothing is drawn yet.";
}

const best = (answer) => (answer.certainty < 0.5 ? `${answer.best}, unsurely` : `${answer.best}`);

// What is read, and of an ensemble how many of its networks say otherwise.
function reads(answer) {
  if (!answer.answers) {
    return `The network reads ${best(answer)}`;
  }

  const others = answer.answers.filter((each) => each !== answer.best);
  const doubt = others.length === 0 ? "all" : `${others.length} of its`;
  return `The ensemble reads ${best(answer)}; ${doubt} ${answer.answers.length} networks say ${others.length === 0 ? "so" : "otherwise"}`;
}

// ---- the pad

const lineWidth = 22;

function redraw() {
  pen.clearRect(0, 0, pad.width, pad.height);
  if (digit) {
    const picture = canvasOf(16, 16);
    paint(picture, floats(digit.pixels), 1, true);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, 0, 0, pad.width, pad.height);
    return;
  }

  if (found) {
    const { width, height } = found.picture;
    const scale = Math.min(pad.width / width, pad.height / height);
    pen.imageSmoothingEnabled = true;
    pen.drawImage(found.picture, (pad.width - width * scale) / 2, (pad.height - height * scale) / 2, width * scale, height * scale);
    return;
  }

  pen.strokeStyle = pen.fillStyle = getComputedStyle(pad).color;
  pen.lineWidth = lineWidth;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    if (stroke.length === 1) {
      pen.arc(stroke[0].x, stroke[0].y, lineWidth / 2, 0, 2 * Math.PI);
      pen.fill();
    } else {
      stroke.forEach(({ x, y }, index) => (index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
      pen.stroke();
    }
  }
}

// The pen of the keyboard is drawn after the drawing has been read.
function showCursor() {
  if (cursor && document.activeElement === pad) {
    pen.beginPath();
    pen.arc(cursor.x, cursor.y, 9, 0, 2 * Math.PI);
    pen.lineWidth = 3;
    pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue(cursor.isDown ? "--wrong" : "--accent");
    pen.stroke();
  }
}

let isDue = false;
function refresh(isWhole) {
  if (isWhole) {
    redraw();
    say(classify());
    showCursor();
  } else if (!isDue) {
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      redraw();
      classify();
      showCursor();
    });
  }
}

function begin(point) {
  if (digit || found) {
    press(null);
    digit = found = null;
    strokes = [];
  }

  strokes.push([point]);
}

function place(event) {
  const box = pad.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * pad.width,
    y: ((event.clientY - box.top) / box.height) * pad.height,
  };
}

pad.addEventListener("pointerdown", (event) => {
  if (event.button === 0) {
    pad.setPointerCapture(event.pointerId);
    cursor = null;
    begin(place(event));
    refresh(false);
  }
});
pad.addEventListener("pointermove", (event) => {
  if (pad.hasPointerCapture(event.pointerId) && !digit && !found && strokes.length > 0) {
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      strokes.at(-1).push(place(each));
    }

    refresh(false);
  }
});
for (const end of ["pointerup", "pointercancel"]) {
  pad.addEventListener(end, () => refresh(true));
}

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
pad.addEventListener("keydown", (event) => {
  cursor ??= { x: pad.width / 2, y: pad.height / 4, isDown: false };
  if (steps[event.key]) {
    const [dx, dy] = steps[event.key];
    const length = event.shiftKey ? 4 : 14;
    cursor.x = Math.min(pad.width, Math.max(0, cursor.x + dx * length));
    cursor.y = Math.min(pad.height, Math.max(0, cursor.y + dy * length));
    if (cursor.isDown) {
      strokes.at(-1).push({ x: cursor.x, y: cursor.y });
    }
  } else if (event.key === " ") {
    cursor.isDown = !cursor.isDown;
    if (cursor.isDown) {
      begin({ x: cursor.x, y: cursor.y });
    }
  } else if (event.key === "Delete" || event.key === "Backspace") {
    clear();
  } else {
    return;
  }

  event.preventDefault();
  refresh(true);
});
for (const change of ["focus", "blur"]) {
  pad.addEventListener(change, () => {
    redraw();
    showCursor();
  });
}

function clear() {
  strokes = [];
  digit = found = null;
  cursor = cursor && { ...cursor, isDown: false };
  press(null);
  refresh(true);
}

byId("clear").addEventListener("click", clear);

// ---- digits to try

function press(button) {
  document.querySelectorAll(".digits [aria-pressed=true]").forEach((other) => other.setAttribute("aria-pressed", "false"));
  button?.setAttribute("aria-pressed", "true");
}

function show(one, button) {
  digit = one;
  found = null;
  strokes = [];
  cursor = null;
  press(button);
  refresh(true);
}

function buttonOf(one) {
  const button = document.createElement("button");
  const picture = canvasOf(16, 16);
  paint(picture, floats(one.pixels), 1, true);
  button.type = "button";
  button.setAttribute("aria-pressed", "false");
  button.append(picture);
  if (one.predicted === undefined) {
    button.setAttribute("aria-label", `Test digit ${one.index}, a ${one.label}`);
  } else {
    const sure = `${Math.floor(100 * one.confidence)}%`;
    button.setAttribute("aria-label", `Digit ${one.index}, a ${one.label} taken for a ${one.predicted}, ${sure} sure`);
    button.title = `${sure} sure`;
    const caption = document.createElement("span");
    caption.innerHTML = `${one.label} → <em>${one.predicted}</em>`;
    button.append(caption);
  }

  button.addEventListener("click", () => {
    show(one, button);
    if (one.predicted !== undefined) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      byId("draw").scrollIntoView({ behavior: still ? "auto" : "smooth" });
    }
  });
  return button;
}

byId("random").addEventListener("click", () => {
  const buttons = byId("samples").children;
  buttons[Math.floor(Math.random() * buttons.length)].click();
});

// The kernels of a first layer that is a convolution, one per map, as the image is one map.
function paintKernels() {
  const { layers, parameters } = networks[chosen];
  const { kind, name, kernel, output, weights } = layers[0];
  byId("kernels-section").hidden = kind !== "convolution";
  if (kind === "convolution") {
    byId("kernels-heading").textContent = `The ${output[0] === 12 ? "twelve" : output[0]} kernels of ${name}, ${kernel} by ${kernel}`;
    byId("kernels").setAttribute("aria-label", byId("kernels-heading").textContent);
    byId("kernels").replaceChildren(...Array.from({ length: output[0] }, () => canvasOf(kernel, kernel)));
    paintAll([...byId("kernels").children], parameters.subarray(weights, weights + output[0] * kernel * kernel));
  }
}

function choose(index) {
  chosen = index;
  byId("samples").replaceChildren(...run().samples.map(buttonOf));
  byId("mistakes").replaceChildren(...run().mistakes.map(buttonOf));
  byId("mistakes-note").textContent = run().mistakesNote;
  byId("samples-section").hidden = byId("random").hidden = run().samples.length === 0;
  byId("units").replaceChildren(...networks[index].shown.map(figureOf));
  paintKernels();
  document.querySelectorAll("[data-run]").forEach((element) => {
    element.hidden = Number(element.dataset.run) !== index;
  });
  digit = null;
  if (run().samples.length > 0 && strokes.length === 0 && !found) {
    show(run().samples[0], byId("samples").firstElementChild);
  } else {
    refresh(true);
  }
}

byId("network")?.addEventListener("change", (event) => choose(event.target.selectedIndex));

// ---- light and dark

const wish = matchMedia("(prefers-color-scheme: dark)");
function dress(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").setAttribute("aria-pressed", String(theme === "dark"));
  refresh(true);
}

byId("theme").addEventListener("click", () => {
  dress(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
});
wish.addEventListener("change", () => dress(wish.matches ? "dark" : "light"));

// ---- the page's arithmetic against the trainer's

function check() {
  let worst = 0;
  let digits = 0;
  data.runs.forEach((each, index) => {
    for (const one of [...each.samples, ...each.mistakes]) {
      const { outputs } = networks[index].forward(floats(one.pixels));
      one.outputs.forEach((expected, unit) => (worst = Math.max(worst, Math.abs(outputs[unit] - expected))));
      digits++;
    }
  });
  if (digits > 0) {
    byId("check").textContent =
      `The network runs in this page. Its outputs for ${digits} digits are the trainer's within ${worst.toExponential(0)}.`;
  }
}

dress(wish.matches ? "dark" : "light");
choose(0);
check();
globalThis.report = { data, networks, floats, frame, classify };
