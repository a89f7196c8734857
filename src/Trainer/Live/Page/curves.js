// Curves: values on a logarithmic scale over the length of the training.
const svgNames = "http://www.w3.org/2000/svg";

function drawn(name, attributes, text) {
  const element = document.createElementNS(svgNames, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }

  if (text !== undefined) {
    element.textContent = text;
  }

  return element;
}

// A short number: 0.03, 12.5, 1.2e-5.
function brief(value) {
  const size = Math.abs(value);
  return value === 0 ? "0" : size >= 0.00099 && size < 100000 ? String(Number(value.toPrecision(3))) : value.toExponential(1).replace("e+", "e");
}

const grouped = (count) => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

// Where ticks of a logarithmic axis are: as many as there is room for.
function decades(low, high) {
  const span = high - low;
  const steps = span < 1 ? [1, 1.5, 2, 3, 5, 7] : span < 2.5 ? [1, 2, 5] : span < 5 ? [1, 3] : [1];
  const ticks = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const step of steps) {
      const place = Math.log10(step) + power;
      if (place >= low && place <= high) {
        ticks.push([place, step * 10 ** power]);
      }
    }
  }

  return ticks;
}

function roundSteps(end, most) {
  const rough = end / most;
  const power = 10 ** Math.floor(Math.log10(rough));

  // Passes and steps are whole.
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough));
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}

// lines: { kind, points: [[x, value]...] }; figures: { value, name }, drawn across; end: where the training ends; least: what stands for 0.
function drawChart(svg, { lines, figures = [], end, axis, least }) {
  const width = svg.clientWidth || 400;
  const height = svg.clientHeight || 240;
  const [left, right, top, bottom] = [54, 10, 8, 34];
  const shown = lines.map((line) => ({ ...line, points: line.points.filter(([, value]) => value !== null) })).filter((line) => line.points.length > 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  if (shown.length === 0) {
    svg.replaceChildren(drawn("text", { x: width / 2, y: height / 2, "text-anchor": "middle" }, "nothing yet"));
    return;
  }

  // The axis doubles as the curve reaches its end, up to the whole training.
  const reached = Math.max(...shown.map((line) => line.points.at(-1)[0]));
  let last = end;
  while (last / 2 >= reached && last > end / 64) {
    last /= 2;
  }

  const logs = (value) => Math.log10(Math.max(least, value));
  const all = [...shown.flatMap((line) => line.points.map(([, value]) => logs(value))), ...figures.map(({ value }) => logs(value))];
  let low = Math.min(...all) - 0.06;
  let high = Math.max(...all) + 0.06;
  if (high - low < 0.5) {
    low -= 0.2;
    high += 0.2;
  }

  const x = (place) => left + (place / last) * (width - left - right);
  const y = (log) => top + ((high - log) / (high - low)) * (height - top - bottom);
  const parts = [];
  let free = Infinity;
  for (const [place, value] of decades(low, high)) {
    parts.push(drawn("line", { class: "grid", x1: left, x2: width - right, y1: y(place), y2: y(place) }));
    if (free - y(place) > 15) {
      parts.push(drawn("text", { x: left - 8, y: y(place) + 4, "text-anchor": "end" }, brief(value)));
      free = y(place);
    }
  }

  for (const place of roundSteps(last, Math.max(2, Math.floor(width / 90)))) {
    parts.push(drawn("text", { x: x(place), y: height - 18, "text-anchor": place === 0 ? "start" : place > 0.97 * last ? "end" : "middle" }, grouped(place)));
  }

  parts.push(drawn("text", { x: (left + width - right) / 2, y: height - 3, "text-anchor": "middle" }, axis));
  for (const { value, name } of figures) {
    parts.push(drawn("line", { class: "article", x1: left, x2: width - right, y1: y(logs(value)), y2: y(logs(value)) }));
    parts.push(drawn("text", { class: "article", x: left + 6, y: y(logs(value)) - 5 }, name));
  }

  for (const { kind, points } of shown) {
    parts.push(drawn("path", { class: kind, d: pathOf(points.map(([place, value]) => [x(place), y(logs(value))])) }));
    const [place, value] = points.at(-1);
    if (kind !== "sample") {
      parts.push(drawn("circle", { class: kind, cx: x(place), cy: y(logs(value)), r: 3.5 }));
    }
  }

  svg.replaceChildren(...parts);
}

const pathOf = (points) => points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// A small curve without axes.
function drawSketch(svg, values) {
  const logs = values.filter((value) => value !== null).map((value) => Math.log10(Math.max(0.02, value)));
  const low = Math.min(...logs);
  const span = Math.max(0.3, Math.max(...logs) - low);
  svg.setAttribute("viewBox", "0 0 90 22");
  const d = pathOf(logs.map((log, index) => [2 + (86 * index) / Math.max(1, logs.length - 1), 20 - (18 * (log - low)) / span]));
  svg.replaceChildren(...(logs.length > 1 ? [drawn("path", { d })] : []));
}
