"""Makes networks.json: what PyTorch computes with networks that are not that of 1989, on the sixteen examples of net/manifest.json.

    python3 tests/golden/networks.py > tests/golden/networks.json

Of each vector that is as long as the parameters it writes, part by part, the Euclidean norm and some values, evenly spread. The
initial parameters are known by their SHA-256: the draws are PyTorch's own, bit for bit.
"""

import collections
import hashlib
import json
import re

import torch
import torch.nn.functional as F

SEED = 1337
EXAMPLES = 16
SAMPLES = 6


class Wide(torch.nn.Module):
    """The network of 1989 at width 2, written as the article's code is: the groups of four maps are thirds of the maps."""

    WIDTH = 2

    def __init__(self):
        super().__init__()
        maps, sources, units = 12 * self.WIDTH, 8 * self.WIDTH, 30 * self.WIDTH
        third = maps // 3
        self.third = third
        self.sources = [
            [*range(2 * third)],
            [*range(third, 3 * third)],
            [*range(third), *range(2 * third, 3 * third)],
        ]

        def uniform(fan_in, *shape):
            return torch.nn.Parameter((torch.rand(*shape) - 0.5) * 2 * 2.4 / fan_in**0.5)

        self.H1w = uniform(25, maps, 1, 5, 5)
        self.H1b = torch.nn.Parameter(torch.zeros(maps, 8, 8))
        self.H2w = uniform(sources * 25, maps, sources, 5, 5)
        self.H2b = torch.nn.Parameter(torch.zeros(maps, 4, 4))
        self.H3w = uniform(maps * 16, maps * 16, units)
        self.H3b = torch.nn.Parameter(torch.zeros(units))
        self.outw = uniform(units, units, 10)
        self.outb = torch.nn.Parameter(-torch.ones(10))

    def forward(self, x):
        h1 = torch.tanh(F.conv2d(F.pad(x, (2, 2, 2, 2), value=-1.0), self.H1w, stride=2) + self.H1b)
        padded = F.pad(h1, (2, 2, 2, 2), value=-1.0)
        weights = self.H2w.split(self.third)
        maps = [F.conv2d(padded[:, sources], weights[g], stride=2) for g, sources in enumerate(self.sources)]
        h2 = torch.tanh(torch.cat(maps, dim=1) + self.H2b)
        h3 = torch.tanh(h2.flatten(1) @ self.H3w + self.H3b)
        return torch.tanh(h3 @ self.outw + self.outb)

    @staticmethod
    def loss(outputs, labels):
        return F.mse_loss(outputs, F.one_hot(labels, 10) * 2.0 - 1.0)


class Listed(torch.nn.Sequential):
    """A list of layers, with PyTorch's own initial parameters; what has no place in the configuration's list has a name here."""

    def __init__(self):
        super().__init__(collections.OrderedDict([
            ("0", torch.nn.Conv2d(1, 6, 5, stride=2, padding=2)),
            ("1", torch.nn.ReLU()),
            ("2", torch.nn.Conv2d(6, 8, 3)),
            ("3", torch.nn.GELU()),
            ("flatten", torch.nn.Flatten()),
            ("4", torch.nn.Linear(8 * 6 * 6, 20)),
            ("5", torch.nn.Tanh()),
            ("6", torch.nn.Linear(20, 10)),
        ]))

        # The tanh form of GELU is the trainer's.
        self.get_submodule("3").approximate = "tanh"

    loss = staticmethod(F.cross_entropy)


class Block(torch.nn.Module):
    """A block of the vision transformer: normalization before each part."""

    def __init__(self, features, heads, hidden):
        super().__init__()
        self.norm1 = torch.nn.LayerNorm(features)
        self.attn = torch.nn.MultiheadAttention(features, heads, batch_first=True)
        self.norm2 = torch.nn.LayerNorm(features)
        self.mlp = torch.nn.Sequential(collections.OrderedDict([
            ("fc1", torch.nn.Linear(features, hidden)), ("act", torch.nn.Tanh()), ("fc2", torch.nn.Linear(hidden, features)),
        ]))

    def forward(self, x):
        normal = self.norm1(x)
        x = x + self.attn(normal, normal, normal, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


class Transformer(torch.nn.Module):
    """The family vit with its sizes left out, at depth 2; weights by the article's rule, in the order of the trainer's vector."""

    FEATURES, HEADS, HIDDEN, DEPTH, PATCH = 16, 4, 32, 2, 4

    def __init__(self):
        super().__init__()
        self.patch_embed = torch.nn.Sequential(collections.OrderedDict([
            ("proj", torch.nn.Conv2d(1, self.FEATURES, self.PATCH, stride=self.PATCH)),
        ]))
        self.pos_embed = torch.nn.Parameter(torch.zeros((16 // self.PATCH) ** 2, self.FEATURES))
        self.blocks = torch.nn.Sequential(*(Block(self.FEATURES, self.HEADS, self.HIDDEN) for _ in range(self.DEPTH)))
        self.norm = torch.nn.LayerNorm(self.FEATURES)
        self.head = torch.nn.Linear(self.FEATURES, 10)
        torch.manual_seed(SEED)
        for name, value in self.named_parameters():
            if value.dim() > 1 and name != "pos_embed":
                fan_in = value[0].numel()
                value.data = (torch.rand(*value.shape) - 0.5) * 2 * 2.4 / fan_in**0.5
            elif "norm" not in name or name.endswith("bias"):
                value.data.zero_()

    def named_parameters(self, *arguments, **options):
        """PyTorch names the parameters of a module before those of its parts; here the patches come before the positions."""
        named = dict(super().named_parameters(*arguments, **options))
        first = [name for name in named if name.startswith("patch_embed")]
        yield from ((name, named[name]) for name in [*first, *(name for name in named if name not in first)])

    def forward(self, x):
        tokens = self.patch_embed(x).flatten(2).transpose(1, 2) + self.pos_embed
        return self.head(self.norm(self.blocks(tokens)).mean(1))

    loss = staticmethod(F.cross_entropy)


def examples():
    pixels = torch.tensor([
        [(n * 7919 + i * 104729 + SEED) % 2001 / 1000 - 1 for i in range(256)] for n in range(EXAMPLES)
    ]).reshape(EXAMPLES, 1, 16, 16)
    return pixels, torch.arange(EXAMPLES) % 10


def described(values):
    """Norm and samples of every part."""
    parts = {}
    for name, value in values:
        flat = value.detach().reshape(-1)
        places = [sample * len(flat) // SAMPLES for sample in range(min(SAMPLES, len(flat)))]
        parts[name] = {
            "norm": flat.double().norm().item(),
            "samples": {str(place): flat[place].item() for place in places},
        }
    return parts


def case(kind):
    torch.manual_seed(SEED)
    network = kind()
    initial = b"".join(value.detach().numpy().astype("<f4").tobytes() for value in network.parameters())
    images, labels = examples()
    outputs = network(images)
    loss = kind.loss(outputs, labels)
    loss.backward()
    gradient = described((name, value.grad) for name, value in network.named_parameters())
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-4, weight_decay=0.01)
    for _ in range(20):
        optimizer.zero_grad()
        kind.loss(network(images), labels).backward()
        optimizer.step()
    return {
        "parameters": len(initial) // 4,
        "initialSha256": hashlib.sha256(initial).hexdigest(),
        "loss": loss.item(),
        "outputs": outputs.reshape(-1).tolist(),
        "gradient": gradient,
        "afterTwentySteps": described(network.named_parameters()),
    }


def main():
    torch.set_num_threads(1)
    cases = {"torch": torch.__version__, "width2": case(Wide), "listed": case(Listed), "vit": case(Transformer)}

    # A part or a list of numbers on a line.
    text = json.dumps(cases, indent=1)
    print(re.sub(r"([\[{])\n\s+([^\[\]{}]*?)\n\s+([\]}])", lambda found: found[1] + re.sub(r"\n\s+", " ", found[2]) + found[3], text))


if __name__ == "__main__":
    main()
