"""Checks a peer against what PyTorch computed for our own tests, tests/golden/net: exits with 1 where it differs.

    python3 bench/peers/golden.py pytorch|jax|torchsharp [--device cpu|cuda] [--mode eager|compile|graph|compile-graph]

For tanh with squared error, tanh with cross entropy and ReLU with cross entropy: initial parameters, outputs, losses,
gradients, and parameters after 20 steps of AdamW, taken by the code that is timed. Where there is no JAX, jax checks what
NumPy can compute in its place (outputs, losses, and AdamW on the gradients of PyTorch if that is here) and says so.
"""

import argparse
import json

import numpy as np

import digits

NETWORKS = {
    "base": ("tanh", "tanh", "mse"),
    "softmax": ("tanh", "linear", "crossEntropy"),
    "relu": ("relu", "linear", "crossEntropy"),
}
STEPS = 20

# The largest difference, as a share of the largest value: float32 sums in other orders. Parameters move by 3e-4 a step, and
# AdamW makes as large a step of a gradient's rounding as of a gradient: hence theirs.
TOLERANCES = {"initial": 0.0, "outputs": 1e-5, "loss": 2e-6, "gradient": 1e-5, "after 20 steps of AdamW": 2e-5}


def read(name):
    return np.fromfile(digits.GOLDEN / f"net/{name}.f32", "<f4")


def examples(manifest, count):
    """The manifest's synthetic images and labels."""
    n, i = np.arange(count)[:, None], np.arange(256)
    images = (((n * 7919 + i * 104729 + manifest["seed"]) % 2001) / 1000 - 1).astype(np.float32)
    return images.reshape(count, 1, 16, 16), np.arange(count) % 10


def pytorch(experiment, splits, options):
    import pytorch_fullbatch as peer

    peer.configure()
    training = peer.Training(experiment, splits, STEPS, options.device, options.mode)
    yield "initial", training.parameters
    yield "outputs", peer.forward(training.parameters, training.images, experiment)
    loss = training.loss()
    loss.backward()
    yield "loss", loss
    yield "gradient", training.parameters.grad
    yield "after 20 steps of AdamW", trained(training)


def jax(experiment, splits, options):
    import jax_fullbatch as peer

    peer.configure(options.device)
    training = peer.Training(experiment, splits, STEPS)
    parameters, images, labels = training.state[0], *training.splits["train"]
    yield "initial", parameters
    yield "outputs", peer.forward(parameters, images, experiment)
    yield "loss", training.loss(parameters, images, labels)
    if peer.jax:
        yield "gradient", training.loss_and_gradient(parameters, images, labels)[1]
        yield "after 20 steps of AdamW", trained(training)
        return
    try:
        import pytorch_fullbatch
    except ImportError:
        print("no JAX and no PyTorch: gradients and AdamW are not checked")
        return
    other = pytorch_fullbatch.Training(experiment, splits, STEPS)
    state = training.state[:3]
    for step in training.constants:
        other.parameters.data[:] = pytorch_fullbatch.torch.tensor(state[0])
        other.parameters.grad = None
        other.loss().backward()
        state = peer.adamw(*state, other.parameters.grad.numpy(), step, experiment["optimizer"])
    print("no JAX: NumPy in its place, AdamW on PyTorch's gradients; jax.grad and lax.scan are not checked")
    yield "after 20 steps of AdamW", state[0]


def torchsharp(experiment, splits, options):
    import torchsharp_fullbatch as peer

    answer, arrays = peer.train(experiment, splits, STEPS, 1, 2)
    yield "outputs", arrays["initial.outputs"]
    yield "loss", np.float32(answer["loss"])
    yield "gradient", arrays["gradient"]
    yield "after 20 steps of AdamW", arrays["parameters"]


def trained(training):
    training.warm_up()
    training.begin()
    training.train(STEPS)
    return training.state[0] if hasattr(training, "state") else training.parameters


PEERS = {"pytorch": pytorch, "jax": jax, "torchsharp": torchsharp}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--mode", default="eager", help="of PyTorch")
    options = parser.parse_args()
    manifest = json.loads((digits.GOLDEN / "net/manifest.json").read_text())
    different = []
    for network, (hidden, output, loss) in NETWORKS.items():
        optimizer = {"kind": "adamw", "learningRate": 3e-4, "weightDecay": 0.01}
        experiment = {"hidden": hidden, "output": output, "loss": loss, "optimizer": optimizer, "seed": manifest["seed"]}
        splits = {"train": examples(manifest, manifest["examples"])}
        golden = {
            "initial": read(f"{network}_init"),
            "outputs": read(f"{network}_output"),
            "loss": np.float32(manifest["scalars"][f"{network}_loss_batch16"]),
            "gradient": read(f"{network}_grad_batch16"),
            "after 20 steps of AdamW": read(f"{network}_after_20_adamw_full"),
        }
        for what, values in PEERS[options.peer](experiment, splits, options):
            values = values.detach().cpu() if hasattr(values, "detach") else values
            apart = np.abs(np.asarray(values).ravel() - golden[what].ravel()).max() / np.abs(golden[what]).max()
            line = f"{network}: {what}: within {apart:.1e} (at most {TOLERANCES[what]:.0e})"
            print(line)
            if not apart <= TOLERANCES[what]:
                different.append(line)
    if different:
        raise SystemExit("differs: " + "; ".join(different))
    print(f"{options.peer} computes what it should")


if __name__ == "__main__":
    main()
