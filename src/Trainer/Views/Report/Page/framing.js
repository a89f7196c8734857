// From a drawing to the 16x16 pixels that a network was trained on.

// ink: size x size values, 0 for paper to 1 for ink. Gives 256 values in [-1, 1], or null where there is no ink.
function frame(ink, size, kind) {
  const box = boxOf(ink, size);
  if (!box) {
    return null;
  }

  const side = Math.max(box.right - box.left, box.bottom - box.top);
  if (kind === "box") {
    const middleX = (box.left + box.right) / 2;
    const middleY = (box.top + box.bottom) / 2;
    return placed(ink, size, 16, 16 / side, middleX, middleY).map((share) => 2 * share - 1);
  }

  // As MNIST: the longer side is 20 of 28 pixels, and the centre of mass is the centre.
  return reduced(placed(ink, size, 28, 20 / side, box.massX, box.massY));
}

function boxOf(ink, size) {
  const box = { left: size, top: size, right: 0, bottom: 0, massX: 0, massY: 0 };
  let mass = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const value = ink[y * size + x];
      if (value > 0.1) {
        box.left = Math.min(box.left, x);
        box.right = Math.max(box.right, x + 1);
        box.top = Math.min(box.top, y);
        box.bottom = Math.max(box.bottom, y + 1);
      }

      mass += value;
      box.massX += value * (x + 0.5);
      box.massY += value * (y + 0.5);
    }
  }

  box.massX /= mass;
  box.massY /= mass;
  return box.right > box.left ? box : null;
}

// The drawing scaled, its point (x, y) in the middle of a square of the given side: every pixel of it the mean of what it
// covers.
function placed(ink, size, side, scale, x, y) {
  const square = new Float32Array(side * side);
  const toX = (column) => (column - x) * scale + side / 2;
  const toY = (row) => (row - y) * scale + side / 2;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const value = ink[row * size + column];
      if (value > 0) {
        spread(square, side, value, toX(column), toY(row), scale);
      }
    }
  }

  return square.map((value) => Math.min(1, value));
}

function spread(square, side, value, left, top, scale) {
  const right = left + scale;
  const bottom = top + scale;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(side, Math.ceil(bottom)); y++) {
    const height = Math.min(bottom, y + 1) - Math.max(top, y);
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(side, Math.ceil(right)); x++) {
      square[y * side + x] += value * height * (Math.min(right, x + 1) - Math.max(left, x));
    }
  }
}

// 28x28 to 16x16 as the article does it: bilinear, half-pixel centres, no antialiasing.
function reduced(square) {
  const image = new Float32Array(256);
  for (let row = 0; row < 16; row++) {
    const y = 1.75 * (row + 0.5) - 0.5;
    const top = Math.floor(y);
    for (let column = 0; column < 16; column++) {
      const x = 1.75 * (column + 0.5) - 0.5;
      const left = Math.floor(x);
      const at = (dy, dx) => square[(top + dy) * 28 + left + dx];
      const upper = (1 - (x - left)) * at(0, 0) + (x - left) * at(0, 1);
      const lower = (1 - (x - left)) * at(1, 0) + (x - left) * at(1, 1);
      image[row * 16 + column] = 2 * ((1 - (y - top)) * upper + (y - top) * lower) - 1;
    }
  }

  return image;
}

// ---- a digit that was found in a picture, by the rules of src/Recognition/DigitFrame.cs

const mnistStrokes = [1.5, 4.4];
const uspsStrokes = [1.3, 3.6];

// digit: { width, height, ink }. Gives 256 values in [-1, 1].
function frameFound(digit, kind) {
  return kind === "box"
    ? boxedDigit(digit, 16, uspsStrokes).map((level) => 2 * level - 1)
    : reduced(centredDigit(boxedDigit(digit, 20, mnistStrokes)));
}

// Filling a square, with strokes as thick as those of a data set.
function boxedDigit(digit, box, [least, most]) {
  const size = 4 * box;
  let fine = fitted(digit, size, size);
  const width = strokeWidth(fine, size) / 4;
  const radius = roundToEven((Math.min(most, Math.max(least, width)) - width) * 2);
  const beyond = Math.max(0, -radius);
  if (radius !== 0) {
    fine = movedEdges(fitted(digit, size - 2 * radius, size + 2 * beyond), size + 2 * beyond, radius);
  }

  const drawn = drawInto(fine, size + 2 * beyond, size + 2 * beyond, 1 / 4, -beyond / 4, -beyond / 4, box);
  const inked = drawn.filter((level) => level > 0.3).sort();
  const full = inked.length === 0 ? 1 : inked[Math.floor((inked.length * 9) / 10)];
  return drawn.map((level) => Math.min(1, Math.max(0, level / full)));
}

function roundToEven(value) {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function fitted({ width, height, ink }, longest, size) {
  const scale = longest / Math.max(width, height);
  const margin = (side) => Math.trunc((size - longest) / 2) + Math.floor((longest - side * scale) / 8 + 1e-9) * 4;
  return drawInto(ink, width, height, scale, margin(width), margin(height), size);
}

// Every pixel of a square is the mean of what it covers.
function drawInto(source, width, height, scale, left, top, size) {
  const along = (length, offset, visit) => {
    for (let place = 0; place < size; place++) {
      const [from, to] = [(place - offset) / scale, (place + 1 - offset) / scale];
      for (let at = Math.max(0, Math.floor(from)); at < Math.min(length, Math.ceil(to)); at++) {
        visit(place, at, (Math.min(to, at + 1) - Math.max(from, at)) * scale);
      }
    }
  };
  const narrow = new Float32Array(height * size);
  along(width, left, (x, column, share) => {
    for (let y = 0; y < height; y++) {
      narrow[y * size + x] += share * source[y * width + column];
    }
  });
  const square = new Float32Array(size * size);
  along(height, top, (y, row, share) => {
    for (let x = 0; x < size; x++) {
      square[y * size + x] += share * narrow[row * size + x];
    }
  });
  return square;
}

function strokeWidth(ink, size) {
  let [area, outline] = [0, 0];
  ink.forEach((level, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    area += level;
    outline += Math.abs(level - (x + 1 < size ? ink[i + 1] : 0)) + Math.abs(level - (y + 1 < size ? ink[i + size] : 0));
    outline += (x === 0 ? level : 0) + (y === 0 ? level : 0);
  });
  return outline === 0 ? 0 : (2 * area) / ((outline * Math.PI) / 4);
}

function movedEdges(ink, size, radius) {
  const reach = Math.abs(radius);
  const disk = [];
  for (let down = -reach; down <= reach; down++) {
    for (let across = -reach; across <= reach; across++) {
      if (down * down + across * across <= (reach + 0.5) ** 2) {
        disk.push([down, across]);
      }
    }
  }

  return ink.map((level, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    return disk.reduce((extreme, [down, across]) => {
      const isInside = y + down >= 0 && y + down < size && x + across >= 0 && x + across < size;
      const other = isInside ? ink[i + down * size + across] : 0;
      return radius > 0 ? Math.max(extreme, other) : Math.min(extreme, other);
    }, level);
  });
}

function centredDigit(box) {
  let [mass, down, across] = [0, 0, 0];
  box.forEach((level, i) => {
    mass += level;
    down += level * Math.floor(i / 20);
    across += level * (i % 20);
  });
  const top = Math.min(8, Math.max(0, roundToEven(14 - down / mass)));
  const left = Math.min(8, Math.max(0, roundToEven(14 - across / mass)));
  const square = new Float32Array(784);
  box.forEach((level, i) => {
    square[(top + Math.floor(i / 20)) * 28 + left + (i % 20)] = Math.floor(Math.min(255, level * 255 + 0.5)) / 255;
  });
  return square;
}
