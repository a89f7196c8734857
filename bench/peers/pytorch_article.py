"""The article's experiments on 7,291 digits by PyTorch, an example at a time: what our per-example rows are checked against.

    python3 bench/peers/pytorch_article.py shift --seed 1337 --data DIR        (DIR/mnist holds MNIST's four files)

Data, weights, order and random numbers are the article's, as far as it says; seed 1337 is its own. Needs PyTorch and NumPy.
A whole run takes minutes: PyTorch needs about a millisecond an example.
"""

import argparse
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from digits import choose

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src/Trainer/Studies/Reproduction"))
from pytorch_pace import Network  # noqa: E402

EXPERIMENTS = {
    # name: (passes, ReLU, logits, dropout, shift, AdamW)
    "1989-base": (23, False, False, 0.0, 0, False),
    "softmax": (23, False, True, 0.0, 0, False),
    "adamw": (46, False, True, 0.0, 0, True),
    "shift": (60, False, True, 0.0, 1, True),
    "dropout-relu": (80, True, True, 0.25, 1, True),
}


def digits(folder):
    """The article's 7,291 and 2,007 digits: (count, 1, 16, 16) images and (count) labels of each split."""
    splits = {}
    for split, (images, labels) in choose(folder).items():
        # Reduced by PyTorch: NumPy's sums would differ in the last bit, which plain SGD makes into other misses.
        pixels = torch.tensor(images, dtype=torch.float32)[:, None] / 127.5 - 1
        splits[split] = (F.interpolate(pixels, (16, 16), mode="bilinear"), torch.tensor(labels))
    return splits


def misses(network, images, labels):
    network.eval()
    with torch.no_grad():
        return int((network(images).argmax(1) != labels).sum())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    passes, relu, logits, dropout, shift, adamw = EXPERIMENTS[arguments.experiment]
    splits = digits(arguments.data)
    images, labels = splits["train"]
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    np.random.seed(arguments.seed)
    network = Network(relu, logits, dropout)
    rate = 3e-4 if adamw else 0.01 if logits else 0.03
    optimizer = (torch.optim.AdamW if adamw else torch.optim.SGD)(network.parameters(), lr=rate)
    targets = F.one_hot(labels, 10) * 2.0 - 1.0
    started = time.perf_counter()
    for number in range(passes):
        if adamw:
            share = number / (passes - 1)
            optimizer.param_groups[0]["lr"] = (1 - share) * rate + share * rate / 3
        network.train()
        for i in range(len(labels)):
            image = images[i : i + 1]
            if shift:
                down, right = np.random.randint(-shift, shift + 1, size=2)
                image = torch.roll(image, (int(down), int(right)), (2, 3))
            outputs = network(image)
            if logits:
                loss = F.cross_entropy(outputs, labels[i : i + 1])
            else:
                loss = torch.mean((outputs - targets[i : i + 1]) ** 2)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        print(
            f"{arguments.experiment}, seed {arguments.seed}, pass {number + 1} of {passes}: "
            f"{misses(network, images, labels)} train, {misses(network, *splits['test'])} test misses, "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
