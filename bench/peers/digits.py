"""The digits that all peers train on: the article's 7,291 and 2,007 of MNIST, made with NumPy alone.

    python3 bench/peers/digits.py [--data DIR]      (DIR/mnist, or GPUCONVNET_DATA/mnist, holds MNIST's four files)

compares them with tests/golden/mnist1989.json. Choice, order and reduction are those of our program (docs/choices.md).
Without MNIST there are random images of the same shape: no time depends on what an image shows, but losses do.
"""

import argparse
import gzip
import json
import os
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests/golden"


def read(folder, name):
    """One of MNIST's files, plain or .gz: (count, 28, 28) or (count) bytes."""
    path = pathlib.Path(folder) / "mnist" / name
    raw = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def reduce(images):
    """(count, 28, 28) bytes to (count, 1, 16, 16) in [-1, 1]: bilinear, half-pixel centres, edges clamped, no antialiasing."""
    pixels = images.astype(np.float32) / np.float32(127.5) - np.float32(1)
    centre = (np.arange(16) + 0.5) * 28 / 16 - 0.5
    first = centre.astype(int)
    second, share = np.minimum(first + 1, 27), (centre - first).astype(np.float32)
    columns = pixels[:, :, first] * (1 - share) + pixels[:, :, second] * share
    return (columns[:, first] * (1 - share)[:, None] + columns[:, second] * share[:, None])[:, None]


def choose(folder):
    """The bytes (count, 28, 28) and labels (count) of each split, in the order that gives the article's numbers."""
    generator = np.random.RandomState(1337)
    splits = {}
    for split, prefix, count in (("test", "t10k", 2007), ("train", "train", 7291)):
        images, labels = read(folder, f"{prefix}-images-idx3-ubyte"), read(folder, f"{prefix}-labels-idx1-ubyte")
        chosen = generator.permutation(len(labels))[:count]
        splits[split] = (images[chosen], labels[chosen].astype(np.int64))
    return splits


def article(folder):
    """Images (count, 1, 16, 16) and labels (count) of each split."""
    return {split: (reduce(images), labels) for split, (images, labels) in choose(folder).items()}


def load(folder=None, examples=7291):
    """What to train and test on, and its name. Other counts than the article's repeat or cut its training digits."""
    folder = folder or os.environ.get("GPUCONVNET_DATA")
    try:
        splits, name = article(folder or "."), "MNIST, the article's digits"
    except FileNotFoundError:
        generator = np.random.RandomState(1337)
        splits, name = {
            split: (generator.uniform(-1, 1, (count, 1, 16, 16)).astype(np.float32), generator.randint(0, 10, count))
            for split, count in (("train", examples), ("test", 2007))
        }, "random images, for MNIST is not in GPUCONVNET_DATA: times alone have a meaning"
    images, labels = splits["train"]
    chosen = np.arange(examples) % len(labels)
    return {"train": (images[chosen], labels[chosen]), "test": splits["test"]}, name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("GPUCONVNET_DATA", "."))
    splits = article(parser.parse_args().data)
    for split, golden in json.loads((GOLDEN / "mnist1989.json").read_text())["testThenTrain"].items():
        images, labels = splits[split]
        apart = np.abs(images[0].ravel() - np.array(golden["firstImage"])).max()
        sums = abs(images.sum(dtype=np.float64) / golden["pixelSum"] - 1)
        print(f"{split}: {len(labels)} digits, first image within {apart:.1e}, pixel sum within {sums:.1e}")
        assert len(labels) == golden["examples"] and np.bincount(labels).tolist() == golden["classCounts"]
        assert labels[:20].tolist() == golden["first20Labels"] and apart < 1e-6 and sums < 1e-6


if __name__ == "__main__":
    main()
