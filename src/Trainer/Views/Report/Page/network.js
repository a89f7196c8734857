// A network of layers, forward. Values lie row by row: (maps, rows, columns), (tokens, features) or (units). Each kind of layer
// makes its output of its description, its input and all parameters.
const layerKinds = {
  convolution(layer, input, parameters) {
    const [, inputRows, inputColumns] = layer.input;
    const [maps, rows, columns] = layer.output;
    const { kernel, stride, padding } = layer;
    const wide = inputColumns + 2 * padding;
    const high = inputRows + 2 * padding;
    const padded = new Float32Array(layer.input[0] * high * wide).fill(layer.paddingValue);
    for (let line = 0; line < layer.input[0] * inputRows; line++) {
      const row = Math.floor(line / inputRows) * high + (line % inputRows) + padding;
      padded.set(input.subarray(line * inputColumns, (line + 1) * inputColumns), row * wide + padding);
    }

    const output = new Float32Array(maps * rows * columns);
    let weights = layer.weights;
    for (let map = 0; map < maps; map++) {
      for (let unit = 0; unit < rows * columns; unit++) {
        const first = stride * Math.floor(unit / columns) * wide + stride * (unit % columns);
        let sum = parameters[layer.biases + (layer.hasUnitBiases ? map * rows * columns + unit : map)];
        layer.sources[map].forEach((source, index) => {
          for (let y = 0; y < kernel; y++) {
            for (let x = 0; x < kernel; x++) {
              sum += padded[source * high * wide + first + y * wide + x] * parameters[weights + (index * kernel + y) * kernel + x];
            }
          }
        });
        output[map * rows * columns + unit] = sum;
      }

      weights += layer.sources[map].length * kernel * kernel;
    }

    return output;
  },

  // Of tokens each by itself; maps are one row.
  dense(layer, input, parameters) {
    const units = layer.output.at(-1);
    const tokens = layer.output.length === 2 ? layer.output[0] : 1;
    const inputs = input.length / tokens;
    const [unitStride, inputStride] = layer.inputsFirst ? [1, units] : [inputs, 1];
    return Float32Array.from({ length: tokens * units }, (_, index) => {
      const unit = index % units;
      const token = (index - unit) / units;
      let sum = parameters[layer.biases + unit];
      for (let from = 0; from < inputs; from++) {
        sum += input[token * inputs + from] * parameters[layer.weights + unit * unitStride + from * inputStride];
      }

      return sum;
    });
  },

  activation(layer, input) {
    return input.map(activations[layer.function]);
  },
};

class Network {
  constructor({ loss, layers, parameters }) {
    this.loss = loss;
    this.layers = layers;
    this.parameters = floats(parameters);
  }

  // The layers whose units are shown: those with parameters, but for the last.
  get shown() {
    return this.layers.filter((layer) => layer.name).slice(0, -1);
  }

  // image: 256 values in [-1, 1], row by row. Gives the outputs, and the units of every layer that is shown, after its activation.
  forward(image) {
    const units = [];
    let values = image;
    for (const layer of this.layers) {
      values = layerKinds[layer.kind](layer, values, this.parameters);
      if (layer.name) {
        units.push(values);
      } else if (units.length > 0) {
        units[units.length - 1] = values;
      }
    }

    return { units: units.slice(0, -1), outputs: values };
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

function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
}
