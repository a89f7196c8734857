"""The network of 1989 trained full batch by TorchSharp: what a C# user has beside ours. A peer as pytorch_fullbatch.py is, on a CPU.

    dotnet build -c Release bench/peers/torchsharp
    python3 bench/peers/torchsharp_fullbatch.py --config 1989-fullbatch --steps 500

This script writes weights, digits and learning rates into a folder, the program in bench/peers/torchsharp trains with them and leaves its
outputs there, and NumPy computes losses and misses. TorchSharp 0.107 needs a libstdc++ of GCC 13 or newer, which Debian 12 lacks:
bench/peers/debian13.sh has a Debian that does not. What was measured: docs/speed.md.
"""

import ctypes
import json
import pathlib
import subprocess
import tempfile

import numpy as np

import digits
import experiment as shared

PROGRAM = pathlib.Path(__file__).resolve().parent / "torchsharp/bin/Release/net10.0/torchsharp-peer.dll"
NEEDED = b"GLIBCXX_3.4.32"


def libstdcxx():
    """The path of the libstdc++ that programs here load."""
    ctypes.CDLL("libstdc++.so.6")
    lines = pathlib.Path("/proc/self/maps").read_text().splitlines()
    return pathlib.Path(next(line.split()[-1] for line in lines if "libstdc++" in line))


def missing():
    """What TorchSharp needs and does not find here, or None. Without libstdc++ it says itself that its package of libtorch is missing."""
    if not PROGRAM.exists():
        return "TorchSharp's program is not built: dotnet build -c Release bench/peers/torchsharp"
    try:
        library = libstdcxx()
    except OSError as failure:
        return f"TorchSharp needs libstdc++: {failure}"
    if NEEDED not in library.read_bytes():
        return f"TorchSharp 0.107 needs a libstdc++ of GCC 13 ({NEEDED.decode()}), {library.name} is older: bench/peers/debian13.sh"
    return None


def loss_of(outputs, labels, experiment):
    outputs = outputs.astype(np.float64)
    if experiment["loss"] == "crossEntropy":
        return float(np.mean(np.log(np.exp(outputs).sum(1)) - outputs[np.arange(len(labels)), labels]))
    return float(np.mean((outputs - (np.eye(10)[labels] * 2 - 1)) ** 2))


def train(experiment, splits, steps, repeats, threads):
    """The program's answer to a request, and its arrays: initial.outputs, gradient, parameters, and outputs of each split."""
    if reason := missing():
        raise SystemExit(reason)
    optimizer = experiment["optimizer"]
    beta1, beta2, epsilon, decay = shared.adamw(optimizer)
    request = {
        "hidden": experiment["hidden"], "output": experiment["output"], "loss": experiment["loss"],
        "shift": experiment.get("shift", 0), "dropout": experiment.get("dropout", 0.0), "seed": experiment["seed"],
        "beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weightDecay": decay,
        "rates": shared.learning_rates(optimizer, steps), "repeats": repeats, "threads": threads, "splits": list(splits),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "request.json").write_text(json.dumps(request))
        shared.initial(experiment).astype("<f4").tofile(folder / "initial.f32")
        for split, (images, labels) in splits.items():
            images.astype("<f4").tofile(folder / f"{split}.images.f32")
            labels.astype("<i8").tofile(folder / f"{split}.labels.i64")
        done = subprocess.run(["dotnet", str(PROGRAM), name], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{done.stdout}{done.stderr}".strip() or f"exit code {done.returncode}")
        answer = json.loads((folder / "result.json").read_text())
        arrays = {path.name.removesuffix(".f32"): np.fromfile(path, "<f4") for path in folder.glob("*.f32")}
    outputs = {name: values.reshape(-1, 10) for name, values in arrays.items() if name.endswith("outputs")}
    return answer, arrays | outputs


def main():
    options = shared.arguments(__doc__, ("eager",)).parse_args()
    if options.device != "cpu":
        raise SystemExit("This peer has libtorch for a cpu alone.")
    experiment = shared.configuration(options.config)
    splits, name = digits.load(options.data, options.examples)
    answer, arrays = train(experiment, splits, options.steps, options.repeats, options.threads)
    about = {"peer": "TorchSharp", "version": answer["version"], "device": f"{options.threads} threads", "data": name}
    results = []
    for split, (_, labels) in splits.items():
        outputs = arrays[f"{split}.outputs"]
        results.append((loss_of(outputs, labels, experiment), shared.misses(outputs, labels)))
    shared.report(options, about, answer["warmUpSeconds"], answer["microseconds"], *results)


if __name__ == "__main__":
    main()
