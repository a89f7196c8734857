"""Times a full-batch step of ours and of every peer that is installed, by turns within the same minutes, and prints ratios.

    python3 bench/peers/compare.py --device cuda|cpu [--rounds 3] [--debian13 FOLDER] [--out OUT.json]

Needs Python with NumPy, the .NET SDK or a published program named in TRAINER, and MNIST in GPUCONVNET_DATA if losses are to
mean anything. Every round times each program once, in a process of its own that warms up first; a ratio is the median of
the rounds' ratios, so that what else the machine does weighs on both. Ours is 'trainer bench --quick'. After as many steps
from the same weights the programs' losses show that they did the same work; with noise, each draws its own.
--debian13 adds what this system is too old for, in a folder that debian13.sh makes: PyTorch 2.6, and TorchSharp.
What it measured on a CPU and on an H200: docs/speed.md.
"""

import argparse
import datetime
import importlib.util
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

import torchsharp_fullbatch

HERE = pathlib.Path(__file__).resolve().parent
TRAINER = os.environ.get("TRAINER", str(HERE.parents[1] / "trainer"))
OURS = {"cpu": {"ours, host": ["-a", "host"]}, "cuda": {
    "ours, cuda": ["-a", "cuda"],
    "ours, cuda, layers": ["-a", "cuda", "--kernels", "layers"],
}}  # fmt: skip
# A peer: its module, its script's options, and whether it runs in the folder of --debian13 (None: there if there is one).
PEERS = {
    "cpu": {
        "PyTorch eager": ("torch", ["--mode", "eager"], False),
        "PyTorch eager, Debian 13": ("torch", ["--mode", "eager"], True),
        "TorchSharp": ("torchsharp", [], None),
        "JAX jit": ("jax", [], False),
    },
    "cuda": {
        "PyTorch eager": ("torch", ["--mode", "eager"], False),
        "PyTorch torch.compile": ("torch", ["--mode", "compile"], False),
        "PyTorch CUDA graph": ("torch", ["--mode", "graph"], False),
        "PyTorch compiled CUDA graph": ("torch", ["--mode", "compile-graph"], False),
        "PyTorch compiled CUDA graph, TF32": ("torch", ["--mode", "compile-graph", "--tf32"], False),
        "JAX jit": ("jax", [], False),
        "JAX jit, TF32": ("jax", ["--tf32"], False),
    },
}
SCRIPTS = {"torch": "pytorch_fullbatch.py", "torchsharp": "torchsharp_fullbatch.py", "jax": "jax_fullbatch.py"}
GOLDEN = {"torch": "pytorch", "torchsharp": "torchsharp", "jax": "jax"}


class Failure(Exception):
    """A program that did not end well: its last words."""


def run(command):
    """Standard output of a command."""
    print("+", shlex.join(command), file=sys.stderr, flush=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as failure:
        raise Failure(str(failure)) from failure
    if done.returncode:
        raise Failure((done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1].strip())
    return done.stdout


def is_coarse(name):
    """Whether a program rounds factors to 10 bits: it stands beside others that do, and has no ratio to ours, which does not."""
    return name.endswith("TF32")


def time_ours(config, choice):
    result = json.loads(run([TRAINER, "bench", "--quick", "--batches", "none", "--json", "-c", config, *choice]))
    machine = {key: result.get(key) for key in ("device", "driver", "environment")}
    microseconds = result["step"]["seconds"]["median"] * 1e6
    return {"microseconds": microseconds, "version": result["environment"]["program"], "machine": machine}


def train_ours(config, choice, steps):
    command = [TRAINER, "-c", config, *choice, "--dataset", "auto", "--steps", str(steps), "--no-save", "--quiet", "--json"]
    result = json.loads(run(command))
    return {"loss": result["train"]["loss"], "testMisses": result["test"]["misses"], "data": result["dataset"]}


def python(within, options):
    """The Python that peers run by: this one, or that of Debian 13."""
    return [str(HERE / "debian13.sh"), str(options.debian13), "python3"] if within else [sys.executable]


def missing(module):
    """Why a peer cannot run by this Python, or None."""
    if module == "torchsharp":
        return torchsharp_fullbatch.missing()
    return None if importlib.util.find_spec(module) else f"{sys.executable} has no {module}"


def places(options):
    """Each peer's module and options, and whether it runs in Debian 13; then why those that cannot run cannot."""
    peers, not_run = {}, {}
    for name, (module, choice, within) in PEERS[options.device].items():
        within = bool(options.debian13) if within is None else within
        if within and not options.debian13:
            not_run[name] = "--debian13 names no folder"
        elif not within and (reason := missing(module)):
            not_run[name] = reason
        else:
            peers[name] = (module, choice, within)
    return peers, not_run


def time_peer(config, module, choice, within, options):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        sizes = ["--steps", str(options.steps), "--repeats", str(options.repeats), "--json", str(out)]
        script = [str(HERE / SCRIPTS[module]), "--device", options.device, "--config", config]
        run([*python(within, options), *script, *choice, *sizes])
        result = json.loads(out.read_text())
    kept = {key: result.get(key) for key in ("version", "cuda", "device", "data", "warmUpSeconds")}
    return kept | {
        "microseconds": result["medianMicroseconds"], "loss": result["train"]["loss"], "testMisses": result["test"]["misses"],
    }  # fmt: skip


def check_peers(options):
    """What golden.py says of each peer that is installed, on the device: 'ok', or its last line that is not."""
    verdicts = {}
    for module, within in dict.fromkeys((module, within) for module, _, within in places(options)[0].values()):
        peer = GOLDEN[module]
        name = f"{peer}, Debian 13" if within else peer
        try:
            run([*python(within, options), str(HERE / "golden.py"), peer, "--device", options.device])
            verdicts[name] = "ok"
        except Failure as failure:
            verdicts[name] = str(failure)
    return verdicts


def compare(config, options):
    """Each program's rounds, and what was not run and why."""
    programs = {}
    first = next(iter(OURS[options.device]))
    for name, choice in OURS[options.device].items():
        programs[name] = lambda choice=choice: time_ours(config, choice)
    peers, not_run = places(options)
    for name, peer in peers.items():
        programs[name] = lambda peer=peer: time_peer(config, *peer, options)
    rounds = {name: [] for name in programs}
    for _ in range(options.rounds):
        for name in [name for name in programs if name not in not_run]:
            try:
                rounds[name].append(programs[name]())
            except Failure as failure:
                if name == first:
                    raise SystemExit(f"{name}: {failure}") from failure
                not_run[name] = str(failure)
    rows = {}
    for name in [name for name in programs if name not in not_run]:
        times = [result["microseconds"] for result in rounds[name]]
        rows[name] = rounds[name][-1] | {"microseconds": times, "medianMicroseconds": statistics.median(times)}
        if not is_coarse(name):
            ratios = [theirs / ours["microseconds"] for theirs, ours in zip(times, rounds[first])]
            rows[name]["timesOurs"] = statistics.median(ratios)
        if name in OURS[options.device]:
            rows[name] |= train_ours(config, OURS[options.device][name], options.steps)
    return {"rows": rows, "notRun": not_run}


def print_table(config, result, options):
    after = f"train loss after {options.steps} steps from the same weights"
    print(f"\n{config}, a full-batch step, median of {options.rounds}; {after}\n")
    print("| program | µs a step | lowest - highest | times ours | train loss | digits |\n|---|---:|---:|---:|---:|---|")
    for name, row in sorted(result["rows"].items(), key=lambda pair: is_coarse(pair[0])):
        times = row["microseconds"]
        print(
            f"| {name}, {row['version']} | {row['medianMicroseconds']:,.0f} | {min(times):,.0f} - {max(times):,.0f} "
            f"| {'' if is_coarse(name) else format(row['timesOurs'], '.2f')} | {row['loss']:.6f} | {row['data'].split(',')[0]} |"
        )
    for name, why in result["notRun"].items():
        print(f"| {name} | not run: {why} | | | | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=PEERS, required=True)
    parser.add_argument("--config", action="append", help="1989-fullbatch and modern-fullbatch unless told; may be repeated")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--debian13", type=pathlib.Path, metavar="FOLDER", help="of debian13.sh: PyTorch 2.6 and TorchSharp run there")
    parser.add_argument("--steps", type=int, help="of a peer's repeat; 200 on cuda, 5 on cpu")
    parser.add_argument("--repeats", type=int, help="of a peer in a round; 5 on cuda, 1 on cpu")
    parser.add_argument("--out", type=pathlib.Path, help="write everything here, as JSON")
    options = parser.parse_args()
    options.steps = options.steps or (200 if options.device == "cuda" else 5)
    options.repeats = options.repeats or (5 if options.device == "cuda" else 1)
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        gpu = run(["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]).strip()
    except Failure:
        gpu = None
    golden = check_peers(options)
    for peer, verdict in golden.items():
        print(f"golden.py {peer}: {verdict}")
    configs = {}
    for config in options.config or ["1989-fullbatch", "modern-fullbatch"]:
        configs[config] = compare(config, options)
        print_table(config, configs[config], options)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        about = {"command": shlex.join(sys.argv), "date": date, "gpu": gpu, "python": sys.version.split()[0], "golden": golden}
        sizes = {"rounds": options.rounds, "steps": options.steps, "repeats": options.repeats}
        options.out.write_text(json.dumps(about | sizes | {"configs": configs}, indent=2, ensure_ascii=False) + "\n")
        print(f"\n{options.out}")
    if any(verdict != "ok" for verdict in golden.values()):
        raise SystemExit("A peer does not compute what it should: see golden.py above.")


if __name__ == "__main__":
    main()
