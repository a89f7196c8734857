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

  // A token of each square patch: its pixels, map by map, through a dense layer.
  patchEmbedding(layer, input, parameters) {
    const [maps, rows, columns] = layer.input;
    const across = columns / layer.kernel;
    const pixels = maps * layer.kernel ** 2;
    const patches = Float32Array.from({ length: input.length }, (_, index) => {
      const token = Math.floor(index / pixels);
      const pixel = index % pixels;
      const row = Math.floor(token / across) * layer.kernel + (Math.floor(pixel / layer.kernel) % layer.kernel);
      const column = (token % across) * layer.kernel + (pixel % layer.kernel);
      return input[(Math.floor(pixel / layer.kernel ** 2) * rows + row) * columns + column];
    });
    return layerKinds.dense(layer, patches, parameters);
  },

  positionEmbedding(layer, input, parameters) {
    return input.map((value, index) => value + parameters[layer.weights + index]);
  },

  layerNormalization(layer, input, parameters) {
    const [tokens, features] = layer.input;
    const output = new Float32Array(input.length);
    for (let token = 0; token < tokens; token++) {
      const values = input.subarray(token * features, (token + 1) * features);
      const mean = values.reduce((sum, value) => sum + value, 0) / features;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / features;
      values.forEach((value, feature) => {
        const normal = (value - mean) / Math.sqrt(variance + 1e-5);
        output[token * features + feature] = normal * parameters[layer.weights + feature] + parameters[layer.biases + feature];
      });
    }

    return output;
  },

  // Queries, keys and values are thirds of each token's projections.
  selfAttention(layer, input, parameters) {
    const [tokens, features] = layer.input;
    const width = features / layer.heads;
    const dense = (values, units, weights, biases) =>
      layerKinds.dense({ output: [tokens, units], weights, biases }, values, parameters);
    const projected = dense(input, 3 * features, layer.weights, layer.biases);
    const mixed = new Float32Array(tokens * features);
    for (let head = 0; head < layer.heads; head++) {
      const at = (token, third, feature) => projected[token * 3 * features + third * features + head * width + feature];
      for (let token = 0; token < tokens; token++) {
        const scores = Array.from({ length: tokens }, (_, source) => {
          let sum = 0;
          for (let feature = 0; feature < width; feature++) {
            sum += at(token, 0, feature) * at(source, 1, feature);
          }

          return sum / Math.sqrt(width);
        });
        const most = Math.max(...scores);
        const powers = scores.map((score) => Math.exp(score - most));
        const total = powers.reduce((a, b) => a + b);
        for (let feature = 0; feature < width; feature++) {
          let sum = 0;
          powers.forEach((power, source) => (sum += (power / total) * at(source, 2, feature)));
          mixed[token * features + head * width + feature] = sum;
        }
      }
    }

    return dense(mixed, features, layer.outputWeights, layer.outputBiases);
  },

  tokenMean(layer, input) {
    const [tokens, features] = layer.input;
    return Float32Array.from({ length: features }, (_, feature) => {
      let sum = 0;
      for (let token = 0; token < tokens; token++) {
        sum += input[token * features + feature];
      }

      return sum / tokens;
    });
  },

  residual(layer, input, parameters) {
    const added = layer.layers.reduce((values, inner) => layerKinds[inner.kind](inner, values, parameters), input);
    return input.map((value, index) => value + added[index]);
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
      } else if (layer.kind === "activation" && units.length > 0) {
        units[units.length - 1] = values;
      }
    }

    return { units: units.slice(0, -1), outputs: values };
  }

  // What the outputs say, from 0 to 1: probabilities under cross entropy, and under squared error, whose targets are -1
  // and 1, ten estimates made apart from each other.
  certainties(outputs) {
    return certaintiesOf(this.loss, outputs);
  }

  // The same as probabilities that add up to 1.
  probabilities(outputs) {
    const shares = this.certainties(outputs).map((share) => (this.loss === "crossEntropy" ? share : Math.max(1e-6, share)));
    const sum = shares.reduce((a, b) => a + b);
    return shares.map((share) => share / sum);
  }
}

function certaintiesOf(loss, outputs) {
  if (loss !== "crossEntropy") {
    return Array.from(outputs, (output) => Math.min(1, Math.max(0, (output + 1) / 2)));
  }

  const most = Math.max(...outputs);
  const powers = Array.from(outputs, (output) => Math.exp(output - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

// Several networks as one: their outputs, or what they say as probabilities, are averaged. The layers shown are the first one's.
class Ensemble {
  constructor({ loss, members, isOfOutputs }) {
    this.loss = loss;
    this.members = members.map((member) => new Network(member));
    this.isOfOutputs = isOfOutputs;
  }

  get shown() {
    return this.members[0].shown;
  }

  get layers() {
    return this.members[0].layers;
  }

  get parameters() {
    return this.members[0].parameters;
  }

  forward(image) {
    const passes = this.members.map((member) => member.forward(image));
    const said = passes.map(({ outputs }, index) => (this.isOfOutputs ? outputs : this.members[index].probabilities(outputs)));
    const outputs = Float32Array.from({ length: 10 }, (_, digit) => {
      const mean = said.reduce((sum, values) => sum + values[digit], 0) / said.length;
      return this.isOfOutputs ? mean : Math.log(mean + 1e-37);
    });
    return { units: passes[0].units, outputs, answers: passes.map((pass) => pass.outputs.indexOf(Math.max(...pass.outputs))) };
  }

  certainties(outputs) {
    return certaintiesOf(this.loss, outputs);
  }
}

function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
}
