// The drawing pad, what the layers make of the drawing, and the digits to try. The page says which network is asked, by network(), and what
// is known about it, by run().
const pad = byId("pad");
const pen = pad.getContext("2d", { willReadFrequently: true });

// What is on the pad: strokes of points, one of the page's own digits, or a picture.
let strokes = [];
let digit = null;
let found = null;
let cursor = null;

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
  paint(byId("input"), seen, 1, true);
  if (!network()) {
    return null;
  }

  const units = network().forward(seen);
  [...byId("units").children].forEach((figure, index) => {
    paintAll([...figure.querySelectorAll("canvas")], units.units[index]);
  });

  const shares = network().certainties(units.outputs);
  const best = units.outputs.indexOf(Math.max(...units.outputs));
  rows.forEach(({ row, bar, text }, index) => {
    bar.style.width = image ? `${100 * shares[index]}%` : "0";
    text.textContent = !image ? "" : run().loss === "crossEntropy" ? percent(shares[index]) : units.outputs[index].toFixed(3);
    row.classList.toggle("best", Boolean(image) && index === best);
  });
  return image ? { best, certainty: shares[best], shares, outputs: units.outputs, answers: units.answers } : null;
}

function say(answer) {
  const verdict = verdictOn(answer);

  // Readers of screens hear of changes alone.
  if (byId("verdict").textContent !== verdict) {
    byId("verdict").textContent = verdict;
  }
}

function verdictOn(answer) {
  if (!network()) {
    return "There is no network yet.";
  }

  const doubt = found && doubtOf(answer);
  if (doubt) {
    return `There is no digit to be seen: ${doubt}.`;
  }

  if (!answer) {
    return "Nothing is drawn yet.";
  }

  const seen = found && [...found.seen, ...(found.sureness < 0.9 ? [`${Math.round(100 * found.sureness)}% sure of the shape`] : [])];
  return seen?.length > 0
    ? `${reads(answer)} (${seen.join("; ")}).`
    : `${reads(answer)}.${digit ? ` It is a ${digit.label}.` : ""}`;
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
