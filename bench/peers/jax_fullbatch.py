"""The network of 1989 trained full batch by JAX: a peer of ours, timed as ours is.

    python3 bench/peers/jax_fullbatch.py --device cuda --config 1989-fullbatch --steps 500

One jax.jit of a lax.scan over all the steps of a repeat: noise, forward, backward, AdamW. Measured with JAX 0.11 on an H200:
docs/speed.md. Where there is no JAX, bench/peers/golden.py checks what needs none, by taking NumPy for jax.numpy: outputs,
losses and AdamW.
"""

import numpy as np

import digits
import experiment as shared

try:
    import jax
    import jax.numpy as jnp
    from jax import lax
except ImportError:
    jax, jnp = None, np

MODES = ("scan",)
SPLITS = np.cumsum(shared.SIZES)[:-1]


def convolve(images, weights):
    """(n, c, h, w) and (m, c, 5, 5), stride 2, to (n, m, (h - 3) / 2, (w - 3) / 2)."""
    if jax:
        layout = ("NCHW", "OIHW", "NCHW")
        return lax.conv_general_dilated(images, weights, window_strides=(2, 2), padding="VALID", dimension_numbers=layout)
    windows = np.lib.stride_tricks.sliding_window_view(images, (5, 5), (2, 3))[:, :, ::2, ::2]
    return np.einsum("nchwij,mcij->nmhw", windows, weights)


def pad(images):
    return jnp.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2)), constant_values=-1.0)


def forward(parameters, images, experiment, kept=None):
    """(9760) and (n, 1, 16, 16) to the outputs (n, 10); kept (n, 192) is dropout's factors."""
    parts = jnp.split(parameters, SPLITS)
    h1w, h1b, h2w, h2b, h3w, h3b, outw, outb = (part.reshape(shape) for part, shape in zip(parts, shared.SHAPES.values()))
    activate = jnp.tanh if experiment["hidden"] == "tanh" else lambda sums: jnp.maximum(sums, 0)
    h1 = pad(activate(convolve(pad(images), h1w) + h1b))
    sources = h1[:, 0:8], h1[:, 4:12], jnp.concatenate((h1[:, 0:4], h1[:, 8:12]), 1)
    maps = [convolve(source, h2w[4 * group : 4 * group + 4]) for group, source in enumerate(sources)]
    h2 = activate(jnp.concatenate(maps, 1) + h2b).reshape(len(images), 192)
    outputs = activate((h2 if kept is None else h2 * kept) @ h3w + h3b) @ outw + outb
    return jnp.tanh(outputs) if experiment["output"] == "tanh" else outputs


def loss_of(outputs, labels, experiment):
    is_digit = labels[:, None] == jnp.arange(10)
    if experiment["loss"] == "mse":
        return jnp.mean((outputs - jnp.where(is_digit, 1.0, -1.0)) ** 2)
    above = outputs - outputs.max(1, keepdims=True)
    return jnp.mean(jnp.log(jnp.exp(above).sum(1)) - jnp.where(is_digit, above, 0.0).sum(1))


def roll(images, down, right):
    """(n, 1, 16, 16), each image rolled by its own (n) and (n) pixels."""
    rows = (jnp.arange(16) - down[:, None]) % 16
    columns = (jnp.arange(16) - right[:, None]) % 16
    places = (rows[:, :, None] * 16 + columns[:, None, :]).reshape(-1, 256)
    return jnp.take_along_axis(images.reshape(-1, 256), places, 1).reshape(images.shape)


def constants(optimizer, steps):
    """(steps, 3), in double precision until the end: AdamW's shrinkage, step size and root of its second correction."""
    beta1, beta2, _, decay = shared.adamw(optimizer)
    rates, taken = np.array(shared.learning_rates(optimizer, steps)), np.arange(1, steps + 1)
    columns = 1 - rates * decay, rates / (1 - beta1**taken), np.sqrt(1 - beta2**taken)
    return np.stack(columns, 1).astype(np.float32)


def adamw(parameters, mean, square, gradient, step, optimizer):
    """One update, as torch.optim.AdamW has it; step is a row of constants."""
    beta1, beta2, epsilon, _ = shared.adamw(optimizer)
    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient * gradient
    return step[0] * parameters - step[1] * mean / (jnp.sqrt(square) / step[2] + epsilon), mean, square


class Training:
    """One experiment on its digits: begin() resets it, train(steps) takes steps and waits for them."""

    def __init__(self, experiment, splits, steps):
        self.experiment = experiment
        self.splits = {split: (jnp.asarray(images), jnp.asarray(labels)) for split, (images, labels) in splits.items()}
        self.constants = constants(experiment["optimizer"], steps)
        self.begin()
        if jax:
            self.loss_and_gradient = jax.jit(jax.value_and_grad(self.loss))
            self.run = jax.jit(self.scan)

    def loss(self, parameters, images, labels, key=None):
        """The mean loss; with noise, where the experiment has any, if there is a key."""
        kept = None
        shift, dropout = self.experiment.get("shift", 0), self.experiment.get("dropout", 0.0)
        if key is not None and shift:
            down, right = jax.random.randint(jax.random.fold_in(key, 0), (2, len(images)), -shift, shift + 1)
            images = roll(images, down, right)
        if key is not None and dropout:
            kept = jax.random.bernoulli(jax.random.fold_in(key, 1), 1 - dropout, (len(images), 192)) / (1 - dropout)
        return loss_of(forward(parameters, images, self.experiment, kept), labels, self.experiment)

    def scan(self, state, steps, images, labels):
        """Takes a step for each row of steps. The digits are arguments, for XLA would fold constants at length."""

        def take_step(state, step):
            parameters, mean, square, key = state
            key, noise = jax.random.split(key)
            gradient = jax.grad(self.loss)(parameters, images, labels, noise)
            return (*adamw(parameters, mean, square, gradient, step, self.experiment["optimizer"]), key), None

        return lax.scan(take_step, state, steps)[0]

    def warm_up(self):
        """Compiles: a scan over another number of steps would be another program."""
        self.train(len(self.constants))

    def begin(self):
        parameters = jnp.asarray(shared.initial(self.experiment))
        key = jax.random.PRNGKey(self.experiment["seed"]) if jax else None
        self.state = (parameters, jnp.zeros_like(parameters), jnp.zeros_like(parameters), key)
        self.steps = jnp.asarray(self.constants)
        if jax:
            jax.block_until_ready((self.state, self.steps))

    def train(self, steps):
        assert steps == len(self.constants)
        self.state = jax.block_until_ready(self.run(self.state, self.steps, *self.splits["train"]))

    def evaluate(self, split):
        """Loss and misses, without noise."""
        images, labels = self.splits[split]
        outputs = forward(self.state[0], images, self.experiment)
        return float(loss_of(outputs, labels, self.experiment)), shared.misses(np.asarray(outputs), np.asarray(labels))


def configure(device, tf32=False):
    """Before anything is computed."""
    if jax is None:
        return
    jax.config.update("jax_platforms", device)
    # Ours multiplies in float32; by default JAX lets an NVIDIA GPU round every factor to TF32's 10 bits.
    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if tf32 else "highest")
    # XLA's own generator, on a GPU Philox as ours and PyTorch's, instead of the slower threefry.
    jax.config.update("jax_default_prng_impl", "rbg")


def main():
    options = shared.arguments(__doc__, MODES).parse_args()
    if jax is None:
        raise SystemExit("There is no JAX here: pip install jax, or jax[cuda12] for an NVIDIA GPU.")
    configure(options.device, options.tf32)
    experiment = shared.configuration(options.config)
    splits, name = digits.load(options.data, options.examples)
    training = Training(experiment, splits, options.steps)
    device = jax.devices()[0].device_kind
    about = {"peer": "JAX", "version": jax.__version__, "device": device, "data": name}
    shared.measure(training, options, about)


if __name__ == "__main__":
    main()
