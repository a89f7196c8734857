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
