"""How long PyTorch takes for one example, forward, backward and optimizer, of the network as the article's code writes it.

Prints one JSON object: the version, and the seconds of an example of the first experiment (tanh, squared error, SGD) and of
the last one on 7,291 digits (ReLU, cross entropy, AdamW, shifted images, dropout). Eager mode on the CPU, one thread, which
is the fastest for one example at a time.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F

SOURCES = ([0, 1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7, 8, 9, 10, 11], [0, 1, 2, 3, 8, 9, 10, 11])


class Network(torch.nn.Module):
    """The article's network, in its way of writing it; parameters in its names' order and draws."""

    def __init__(self, relu=False, logits=False, dropout=0.0):
        super().__init__()
        self.activate = torch.relu if relu else torch.tanh
        self.logits = logits
        self.dropout = dropout

        def uniform(fan_in, *shape):
            return torch.nn.Parameter((torch.rand(*shape) - 0.5) * 2 * 2.4 / fan_in**0.5)

        self.h1w = uniform(25, 12, 1, 5, 5)
        self.h1b = torch.nn.Parameter(torch.zeros(12, 8, 8))
        self.h2w = uniform(200, 12, 8, 5, 5)
        self.h2b = torch.nn.Parameter(torch.zeros(12, 4, 4))
        self.h3w = uniform(192, 192, 30)
        self.h3b = torch.nn.Parameter(torch.zeros(30))
        self.outw = uniform(30, 30, 10)
        self.outb = torch.nn.Parameter(torch.zeros(10) if logits else -torch.ones(10))

    def forward(self, x):
        h1 = self.activate(F.conv2d(F.pad(x, (2, 2, 2, 2), value=-1.0), self.h1w, stride=2) + self.h1b)
        padded = F.pad(h1, (2, 2, 2, 2), value=-1.0)
        maps = [F.conv2d(padded[:, sources], self.h2w[4 * g : 4 * g + 4], stride=2) for g, sources in enumerate(SOURCES)]
        h2 = self.activate(torch.cat(maps, dim=1) + self.h2b)
        if self.dropout > 0:
            h2 = F.dropout(h2, self.dropout, training=self.training)
        h3 = self.activate(h2.flatten(1) @ self.h3w + self.h3b)
        outputs = h3 @ self.outw + self.outb
        return outputs if self.logits else torch.tanh(outputs)


def seconds_per_example(modern, budget):
    torch.manual_seed(1337)
    network = Network(relu=True, logits=True, dropout=0.25) if modern else Network()
    if modern:
        optimizer = torch.optim.AdamW(network.parameters(), lr=3e-4)
    else:
        optimizer = torch.optim.SGD(network.parameters(), lr=0.03)
    images = torch.rand(64, 1, 1, 16, 16) * 2 - 1
    labels = torch.randint(0, 10, (64, 1))
    targets = F.one_hot(labels, 10) * 2.0 - 1.0

    def step(i):
        image = images[i]
        if modern:
            down, right = torch.randint(-1, 2, (2,)).tolist()
            image = torch.roll(image, (down, right), (2, 3))
        outputs = network(image)
        loss = F.cross_entropy(outputs, labels[i]) if modern else torch.mean((outputs - targets[i]) ** 2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    for i in range(200):
        step(i % 64)
    times = []
    end = time.perf_counter() + budget
    while time.perf_counter() < end:
        start = time.perf_counter()
        for i in range(64):
            step(i)
        times.append((time.perf_counter() - start) / 64)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    torch.set_num_threads(1)
    budget = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    print(json.dumps({
        "version": torch.__version__,
        "plain": seconds_per_example(False, budget),
        "modern": seconds_per_example(True, budget),
    }))
