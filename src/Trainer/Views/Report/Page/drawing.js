// What all pages draw alike: values as colours, units and kernels as maps of them.
const byId = (id) => document.getElementById(id);
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

// ---- kernels

// The kernels of a first layer that is a convolution, one per map, as the image is one map.
function paintKernels({ layers, parameters }) {
  const { kind, name, kernel, output, weights } = layers[0];
  byId("kernels-section").hidden = kind !== "convolution";
  if (kind === "convolution") {
    const heading = `The ${output[0] === 12 ? "twelve" : output[0]} kernels of ${name}, ${kernel} by ${kernel}`;
    const kernels = byId("kernels");
    if (kernels.getAttribute("aria-label") !== heading) {
      byId("kernels-heading").textContent = heading;
      kernels.setAttribute("aria-label", heading);
      kernels.replaceChildren(...Array.from({ length: output[0] }, () => canvasOf(kernel, kernel)));
    }

    paintAll([...kernels.children], parameters.subarray(weights, weights + output[0] * kernel * kernel));
  }
}
