"""Networks that are not that of 1989, trained full batch by PyTorch, eager, on a CPU: what 'trainer bench -c width4-60k --batch 7291'
and 'trainer bench -c micro-vit' stand beside.

    python3 bench/peers/pytorch_networks.py --network width4 --steps 6

The networks are those of tests/golden/networks.py, whose numbers ours are held to, at other sizes. Digits are random, which makes no
difference to the time, and neither is shifted nor dropped. What was measured: docs/speed.md.
"""

import argparse
import os
import pathlib
import statistics
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"))
import networks  # noqa: E402


class Width4(networks.Wide):
    WIDTH = 4


class MicroVit(networks.Transformer):
    DEPTH = 4

    def __init__(self):
        super().__init__()
        for block in self.blocks:
            block.mlp.act = torch.nn.GELU(approximate="tanh")


NETWORKS = {"width4": Width4, "micro-vit": MicroVit}


def step_seconds(network, loss, images, labels, steps):
    """The time of each step: forward, backward and AdamW. The first one is left out: it allocates."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    seconds = []
    for _ in range(steps + 1):
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss(network(images), labels).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORKS, action="append", help="all of them unless told; may be repeated")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--examples", type=int, default=7291)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(networks.SEED)
    images = torch.rand(options.examples, 1, 16, 16) * 2 - 1
    labels = torch.randint(0, 10, (options.examples,))
    for name in options.network or NETWORKS:
        network = NETWORKS[name]()
        parameters = sum(value.numel() for value in network.parameters())
        seconds = step_seconds(network, network.loss, images, labels, options.steps)
        print(
            f"PyTorch {torch.__version__}, eager, {options.threads} threads: {name}, {parameters:,} parameters, {options.examples:,} "
            f"examples, {statistics.median(seconds) * 1e3:,.0f} ms a step (median of {options.steps}; minimum {min(seconds) * 1e3:,.0f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
