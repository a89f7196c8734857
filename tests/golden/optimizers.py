"""Makes optimizers.json: what PyTorch computes with the optimizers' published formulae, on the network of 1989.

    python3 tests/golden/optimizers.py > tests/golden/optimizers.json

muon               torch.optim.Muon of PyTorch 2.9, as its documentation has the algorithm (Keller Jordan's, see
                   https://kellerjordan.github.io/posts/muon/), written out here for older releases. In the type of the
                   parameters, where PyTorch iterates in bfloat16. H3w and outw, which the article has as (inputs, units),
                   are turned round first. Biases: torch.optim.AdamW.
scheduleFreeAdamw  AdamWScheduleFree of https://github.com/facebookresearch/schedule_free, whose y, z and x are kept apart here.
lion               program 1 of Chen et al. 2023, "Symbolic discovery of optimization algorithms" (arXiv 2302.06675).

"given" is five steps in float64 by gradients that are a formula; "trained" twenty full-batch steps in float32 on the sixteen
examples of net/manifest.json. Of each vector the Euclidean norm and some values, part by part.
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

EXAMPLES = 16
SAMPLES = 4
SHAPES = {
    "H1w": (12, 1, 5, 5), "H1b": (12, 8, 8), "H2w": (12, 8, 5, 5), "H2b": (12, 4, 4),
    "H3w": (192, 30), "H3b": (30,), "outw": (30, 10), "outb": (10,),
}
COUNT = sum(np.prod(shape) for shape in SHAPES.values())
SOURCES = [[0, 1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7, 8, 9, 10, 11], [0, 1, 2, 3, 8, 9, 10, 11]]

OPTIONS = {
    "muon": {"kind": "muon", "learningRate": 0.03, "momentum": 0.9, "weightDecay": 0.3, "vectorLearningRate": 0.01, "vectorWeightDecay": 0.1},
    "muonMatchingAdamW": {"kind": "muon", "learningRate": 0.01, "nesterov": False, "weightDecay": 0.1, "matrixScale": "matchRmsAdamw"},
    "scheduleFreeAdamw": {"kind": "scheduleFreeAdamw", "learningRate": 0.01, "warmupSteps": 3, "weightDecay": 0.1},
    "lion": {"kind": "lion", "learningRate": 0.001, "weightDecay": 0.3},
}


def split(vector):
    """A vector of all parameters, part by part."""
    counts = [int(np.prod(shape)) for shape in SHAPES.values()]
    return [part.reshape(shape) for part, shape in zip(vector.split(counts), SHAPES.values())]


def orthogonal(matrix, steps=5, eps=1e-7):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.T if matrix.size(0) > matrix.size(1) else matrix
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if matrix.size(0) > matrix.size(1) else x


class Muon:
    def __init__(self, parameters, o):
        self.rate, self.decay = o["learningRate"], o.get("weightDecay", 0)
        self.momentum, self.nesterov = o.get("momentum", 0.95), o.get("nesterov", True)
        self.matches = o.get("matrixScale") == "matchRmsAdamw"
        self.matrices = [p for p, name in zip(parameters, SHAPES) if name.endswith("w")]
        self.buffers = [torch.zeros_like(p) for p in self.matrices]
        self.vectors = torch.optim.AdamW(
            [p for p, name in zip(parameters, SHAPES) if name.endswith("b")], lr=o.get("vectorLearningRate", self.rate),
            weight_decay=o.get("vectorWeightDecay", self.decay))

    def step(self):
        for p, buffer in zip(self.matrices, self.buffers):
            buffer.lerp_(p.grad, 1 - self.momentum)
            update = p.grad.lerp(buffer, self.momentum) if self.nesterov else buffer
            matrix = update.flatten(1) if update.dim() > 2 else update.T
            a, b = matrix.shape
            ratio = 0.2 * max(a, b) ** 0.5 if self.matches else max(1, a / b) ** 0.5
            update = orthogonal(matrix) if update.dim() > 2 else orthogonal(matrix).T
            p.data.mul_(1 - self.rate * self.decay)
            p.data.add_(update.reshape(p.shape), alpha=-self.rate * ratio)
        self.vectors.step()

    def evaluated(self, parameters):
        return parameters


class ScheduleFreeAdamW:
    def __init__(self, parameters, o):
        self.y, self.rate, self.decay = parameters, o["learningRate"], o.get("weightDecay", 0)
        self.warmup, self.beta1, self.beta2, self.eps = o.get("warmupSteps", 0), 0.9, 0.999, 1e-8
        self.z = [p.data.clone() for p in parameters]
        self.x = [p.data.clone() for p in parameters]
        self.squares = [torch.zeros_like(p.data) for p in parameters]
        self.k, self.weight_sum, self.rate_max = 0, 0.0, 0.0

    def step(self):
        k = self.k
        rate = self.rate * ((k + 1) / self.warmup if k < self.warmup else 1.0)
        self.rate_max = max(rate, self.rate_max)
        weight = self.rate_max**2
        self.weight_sum += weight
        c = weight / self.weight_sum
        for y, z, x, square in zip(self.y, self.z, self.x, self.squares):
            square.mul_(self.beta2).addcmul_(y.grad, y.grad, value=1 - self.beta2)
            normalized = y.grad / ((square / (1 - self.beta2 ** (k + 1))).sqrt() + self.eps) + self.decay * y.data
            z.sub_(normalized, alpha=rate)
            x.lerp_(z, c)
            y.data.copy_(z.lerp(x, self.beta1))
        self.k += 1

    def evaluated(self, parameters):
        return self.x


class Lion:
    def __init__(self, parameters, o):
        self.parameters, self.rate, self.decay = parameters, o["learningRate"], o.get("weightDecay", 0)
        self.beta1, self.beta2 = 0.9, 0.99
        self.momenta = [torch.zeros_like(p) for p in parameters]

    def step(self):
        for p, momentum in zip(self.parameters, self.momenta):
            update = (self.beta1 * momentum + (1 - self.beta1) * p.grad).sign()
            p.data.mul_(1 - self.rate * self.decay).add_(update, alpha=-self.rate)
            momentum.mul_(self.beta2).add_(p.grad, alpha=1 - self.beta2)

    def evaluated(self, parameters):
        return parameters


KINDS = {"muon": Muon, "scheduleFreeAdamw": ScheduleFreeAdamW, "lion": Lion}


def formula(step, dtype):
    """A gradient, or with step -1 parameters; whole numbers that are halved, so that all have the very same ones."""
    i = np.arange(COUNT, dtype=np.int64)
    return torch.tensor(((i * 7919 + i * i % 104729 * 31 + (step + 1) * 15485863) % 2048 - 1023.5) / 4096, dtype=dtype)


def examples():
    pixels = torch.tensor([
        [(n * 7919 + i * 104729 + 1337) % 2001 / 1000 - 1 for i in range(256)] for n in range(EXAMPLES)
    ]).reshape(EXAMPLES, 1, 16, 16)
    return pixels, torch.arange(EXAMPLES) % 10


def loss(parameters, images, labels):
    h1w, h1b, h2w, h2b, h3w, h3b, outw, outb = parameters
    h1 = torch.tanh(F.conv2d(F.pad(images, (2, 2, 2, 2), value=-1.0), h1w, stride=2) + h1b)
    padded = F.pad(h1, (2, 2, 2, 2), value=-1.0)
    maps = [F.conv2d(padded[:, sources], h2w[4 * g:4 * g + 4], stride=2) for g, sources in enumerate(SOURCES)]
    h2 = torch.tanh(torch.cat(maps, dim=1) + h2b)
    h3 = torch.tanh(h2.flatten(1) @ h3w + h3b)
    return F.mse_loss(torch.tanh(h3 @ outw + outb), F.one_hot(labels, 10) * 2.0 - 1.0)


def described(parts):
    found = {}
    for name, value in zip(SHAPES, parts):
        flat = value.detach().reshape(-1)
        places = [(2 * sample + 1) * len(flat) // (2 * SAMPLES) for sample in range(SAMPLES)]
        found[name] = {
            "norm": float(f"{flat.double().norm().item():.9g}"),
            "samples": {str(place): float(f"{flat[place].item():.9g}") for place in places},
        }
    return found


def given(options):
    parameters = [torch.nn.Parameter(part.clone()) for part in split(formula(-1, torch.float64))]
    optimizer = KINDS[options["kind"]](parameters, options)
    for step in range(5):
        for parameter, gradient in zip(parameters, split(formula(step, torch.float64))):
            parameter.grad = gradient.clone()
        optimizer.step()
    return described(optimizer.evaluated(parameters))


def trained(options):
    start = np.fromfile(Path(__file__).parent / "net/base_init.f32", "<f4")
    parameters = [torch.nn.Parameter(part.clone()) for part in split(torch.from_numpy(start))]
    images, labels = examples()
    optimizer = KINDS[options["kind"]](parameters, options)
    for _ in range(20):
        for parameter in parameters:
            parameter.grad = None
        loss(parameters, images, labels).backward()
        optimizer.step()
    values = optimizer.evaluated(parameters)
    return {"loss": loss(values, images, labels).item(), **described(values)}


def main():
    torch.set_num_threads(1)
    cases = {"torch": torch.__version__}
    for name, options in OPTIONS.items():
        cases[name] = {"options": options, "given": given(options), "trained": trained(options)}

    # A part or a list of numbers on a line.
    text = json.dumps(cases, indent=1)
    print(re.sub(r"([\[{])\n\s+([^\[\]{}]*?)\n\s+([\]}])", lambda found: found[1] + re.sub(r"\n\s+", " ", found[2]) + found[3], text))


if __name__ == "__main__":
    main()
