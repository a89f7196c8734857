"""What the peers share, with NumPy alone: the network's shapes, initial parameters, a configuration's steps, and the clock.

Everything is that of our program: the order of the parameters, the draws of the initial weights, the learning rates and the
optimizer's constants (src/Model). tests/golden holds each peer to it: bench/peers/golden.py.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Parameters are one vector of 9,760, the parts in this order.
SHAPES = {
    "H1w": (12, 1, 5, 5), "H1b": (12, 8, 8), "H2w": (12, 8, 5, 5), "H2b": (12, 4, 4),
    "H3w": (192, 30), "H3b": (30,), "outw": (30, 10), "outb": (10,),
}  # fmt: skip
SIZES = [math.prod(shape) for shape in SHAPES.values()]
FAN_IN = {"H1w": 25, "H2w": 200, "H3w": 192, "outw": 30}


def configuration(name):
    """An experiment as configs/NAME.json has it, if it is one that the peers train."""
    experiment = json.loads((ROOT / f"configs/{name}.json").read_text())
    about = {"$schema", "experiment", "description", "dataset", "train", "test", "steps", "seed", "evaluateEvery"}
    known = {"hidden": ("tanh", "relu"), "output": ("tanh", "linear"), "loss": ("mse", "crossEntropy"), "batch": ("full",)}
    anything = about | {"shift", "dropout", "optimizer"}
    for key, value in experiment.items():
        if key not in anything and value not in known.get(key, ()):
            raise SystemExit(f"configs/{name}.json: the peers do not train with {key} = {value!r}.")
    optimizer = experiment["optimizer"]
    if optimizer["kind"] != "adamw" or optimizer.get("schedule") not in (None, "constant", "cosine"):
        raise SystemExit(f"configs/{name}.json: the peers train with adamw, its rate constant or a cosine.")
    return experiment


def initial(experiment):
    """(9760) parameters, bit for bit those of torch.manual_seed(seed) and of our program."""
    bits = np.random.RandomState(experiment["seed"])
    parts = []
    for name, shape in SHAPES.items():
        if name in FAN_IN:
            draws = bits.randint(0, 2**32, math.prod(shape), dtype=np.uint32)
            uniform = (draws & 0xFFFFFF).astype(np.float32) * np.float32(2**-24)
            scale = np.float32(math.sqrt(FAN_IN[name]))
            parts.append((uniform - np.float32(0.5)) * np.float32(2) * np.float32(2.4) / scale)
        else:
            parts.append(np.full(shape, -1 if (name, experiment["loss"]) == ("outb", "mse") else 0, np.float32).ravel())
    return np.concatenate(parts)


def adamw(optimizer):
    """beta1, beta2, epsilon and weight decay, with the configurations' defaults."""
    return [optimizer.get(*pair) for pair in (("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8), ("weightDecay", 0.0))]


def learning_rates(optimizer, steps):
    """The rate of each step: up in a straight line for the warm-up, then along half a cosine to 0, or constant."""
    warm, peak = optimizer.get("warmupSteps", 0), optimizer["learningRate"]
    rates = []
    for step in range(steps):
        if step < warm:
            rates.append(peak * (step + 1) / warm)
        elif optimizer.get("schedule", "constant") == "cosine":
            rates.append(peak * (1 + math.cos(math.pi * (step - warm) / max(steps - warm - 1, 1))) / 2)
        else:
            rates.append(peak)
    return rates


def misses(outputs, labels):
    return int((np.argmax(outputs, 1) != labels).sum())


def arguments(description, modes):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="1989-fullbatch", help="1989-fullbatch unless told; modern-fullbatch")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--steps", type=int, default=20, help="of each repeat, which starts from the initial weights")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--examples", type=int, default=7291)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of PyTorch and libtorch on a cpu")
    parser.add_argument("--data", help="DIR/mnist holds MNIST; GPUCONVNET_DATA unless told")
    parser.add_argument("--tf32", action="store_true", help="let an NVIDIA GPU round factors to 10 bits")
    parser.add_argument("--json", type=pathlib.Path, help="write the result here")
    return parser


def measure(training, options, about):
    """Times training.begin() and training.train(steps), which waits for its steps, and reports."""
    started = time.perf_counter()
    training.warm_up()
    warm_up = time.perf_counter() - started
    microseconds = []
    for _ in range(options.repeats):
        training.begin()
        started = time.perf_counter()
        training.train(options.steps)
        microseconds.append((time.perf_counter() - started) / options.steps * 1e6)
    report(options, about, warm_up, microseconds, training.evaluate("train"), training.evaluate("test"))


def report(options, about, warm_up, microseconds, train, test):
    """Prints and saves what came out; train and test are (loss, misses)."""
    (loss, wrong), (test_loss, test_wrong) = train, test
    result = about | {
        "config": options.config, "mode": options.mode, "examples": options.examples, "tf32": options.tf32,
        "steps": options.steps, "microseconds": microseconds, "medianMicroseconds": statistics.median(microseconds),
        "warmUpSeconds": warm_up, "train": {"loss": loss, "misses": wrong}, "test": {"loss": test_loss, "misses": test_wrong},
    }  # fmt: skip
    print(
        f"{about['peer']} {about['version']}, {options.mode}, {about['device']}: {options.config}, {options.examples:,} "
        f"examples, {result['medianMicroseconds']:,.0f} µs a step (median of {options.repeats} x {options.steps}); after "
        f"them a train loss of {loss:.6e}, {test_wrong} test misses ({about['data']})"
    )
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
