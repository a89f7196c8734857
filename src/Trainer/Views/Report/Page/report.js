// The report: several networks, of which one is chosen.
const data = JSON.parse(document.getElementById("data").textContent);
const networks = data.runs.map((run) => (run.members ? new Ensemble(run) : new Network(run)));
let chosen = 0;

function run() {
  return data.runs[chosen];
}

function network() {
  return networks[chosen];
}

function choose(index) {
  chosen = index;
  byId("samples").replaceChildren(...run().samples.map(buttonOf));
  byId("mistakes").replaceChildren(...run().mistakes.map(buttonOf));
  byId("mistakes-note").textContent = run().mistakesNote;
  byId("samples-section").hidden = byId("random").hidden = run().samples.length === 0;
  byId("units").replaceChildren(...networks[index].shown.map(figureOf));
  paintKernels(networks[index]);
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
globalThis.report = {
  data, networks, floats, frame, classify, findDigit, frameFound, greyOf, readPicture, found: () => found,
};
