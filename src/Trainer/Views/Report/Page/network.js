// The network of 1989, forward: 16x16 inputs, H1 and H2 by 5x5 convolutions of stride 2 with a border of -1, H3, outputs.
class Network {
  constructor({ hidden, output, loss, connections, parameters }) {
    this.loss = loss;
    this.connections = connections;
    this.hidden = activations[hidden];
    this.output = activations[output];
    const vector = floats(parameters);
    let next = 0;
    const part = (count) => vector.subarray(next, (next += count));
    this.h1w = part(12 * 25);
    this.h1b = part(12 * 64);
    this.h2w = part(12 * 8 * 25);
    this.h2b = part(12 * 16);
    this.h3w = part(192 * 30);
    this.h3b = part(30);
    this.outw = part(30 * 10);
    this.outb = part(10);
    if (next !== vector.length) {
      throw new Error(`${next} parameters are needed, not ${vector.length}`);
    }
  }

  // image: 256 values in [-1, 1], row by row. Gives the activations of every layer.
  forward(image) {
    const input = bordered(image, 16);
    const h1 = new Float32Array(768);
    for (let map = 0; map < 12; map++) {
      for (let unit = 0; unit < 64; unit++) {
        const sum = this.h1b[map * 64 + unit] + convolve(input, 20, this.h1w, map * 25, unit >> 3, unit & 7);
        h1[map * 64 + unit] = this.hidden(sum);
      }
    }

    const sources = [];
    for (let map = 0; map < 12; map++) {
      sources.push(bordered(h1.subarray(map * 64, (map + 1) * 64), 8));
    }

    const h2 = new Float32Array(192);
    for (let map = 0; map < 12; map++) {
      for (let unit = 0; unit < 16; unit++) {
        let sum = this.h2b[map * 16 + unit];
        this.connections[map].forEach((source, index) => {
          sum += convolve(sources[source], 12, this.h2w, (map * 8 + index) * 25, unit >> 2, unit & 3);
        });
        h2[map * 16 + unit] = this.hidden(sum);
      }
    }

    const h3 = dense(h2, this.h3w, this.h3b, this.hidden);
    return { h1, h2, h3, outputs: dense(h3, this.outw, this.outb, this.output) };
  }

  // What the outputs say, from 0 to 1: probabilities under cross entropy, and under squared error, whose targets are -1
  // and 1, ten estimates made apart from each other.
  certainties(outputs) {
    if (this.loss !== "crossEntropy") {
      return Array.from(outputs, (output) => Math.min(1, Math.max(0, (output + 1) / 2)));
    }

    const most = Math.max(...outputs);
    const powers = Array.from(outputs, (output) => Math.exp(output - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }
}

// A square map with two rows and columns of -1 all around it.
function bordered(map, size) {
  const wide = size + 4;
  const padded = new Float32Array(wide * wide).fill(-1);
  for (let row = 0; row < size; row++) {
    padded.set(map.subarray(row * size, (row + 1) * size), (row + 2) * wide + 2);
  }

  return padded;
}

function convolve(padded, wide, weights, kernel, row, column) {
  let sum = 0;
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 5; x++) {
      sum += padded[(2 * row + y) * wide + 2 * column + x] * weights[kernel + 5 * y + x];
    }
  }

  return sum;
}

function dense(units, weights, biases, activation) {
  return Float32Array.from(biases, (bias, to) => {
    let sum = bias;
    for (let from = 0; from < units.length; from++) {
      sum += units[from] * weights[from * biases.length + to];
    }

    return activation(sum);
  });
}

function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
}
