"""The network of 1989 trained full batch by PyTorch: a peer of ours, timed as ours is.

    python3 bench/peers/pytorch_fullbatch.py --device cuda --mode graph --config 1989-fullbatch --steps 500

Modes: eager; compile, torch.compile(mode="reduce-overhead") of forward and loss; graph, the whole step (noise, forward,
backward, AdamW) captured in one CUDA graph; compile-graph, the compiled step captured so. All but eager need an NVIDIA GPU
and PyTorch 2.2; eager runs on any PyTorch from 1.13. What was measured: docs/speed.md.
"""

import torch
import torch.nn.functional as F

import digits
import experiment as shared

MODES = ("eager", "compile", "graph", "compile-graph")
VERSION = tuple(int(part) for part in torch.__version__.split(".")[:2])


def roll(images, most):
    """(n, 1, 16, 16), each image rolled by up to so many pixels in x and y, its own way."""
    by = torch.randint(-most, most + 1, (2, len(images), 1), device=images.device)
    places = torch.arange(16, device=images.device)
    rows, columns = (places - by) % 16
    return images.flatten(1).gather(1, (rows[:, :, None] * 16 + columns[:, None, :]).flatten(1)).view_as(images)


def forward(parameters, images, experiment, dropout=0.0):
    """(9760) and (n, 1, 16, 16) to the outputs (n, 10)."""
    parts = parameters.split(shared.SIZES)
    h1w, h1b, h2w, h2b, h3w, h3b, outw, outb = (part.view(shape) for part, shape in zip(parts, shared.SHAPES.values()))
    activate = torch.tanh if experiment["hidden"] == "tanh" else torch.relu
    h1 = activate(F.conv2d(F.pad(images, (2, 2, 2, 2), value=-1.0), h1w, stride=2) + h1b)
    h1 = F.pad(h1, (2, 2, 2, 2), value=-1.0)
    sources = h1[:, 0:8], h1[:, 4:12], torch.cat((h1[:, 0:4], h1[:, 8:12]), 1)
    maps = [F.conv2d(source, weights, stride=2) for source, weights in zip(sources, h2w.split(4))]
    h2 = F.dropout(activate(torch.cat(maps, 1) + h2b), dropout)
    outputs = activate(h2.flatten(1) @ h3w + h3b) @ outw + outb
    return torch.tanh(outputs) if experiment["output"] == "tanh" else outputs


def loss_of(outputs, labels, targets, experiment):
    return F.cross_entropy(outputs, labels) if experiment["loss"] == "crossEntropy" else F.mse_loss(outputs, targets)


class Training:
    """One experiment on its digits: begin() resets it, train(steps) takes steps and waits for them."""

    def __init__(self, experiment, splits, steps, device="cpu", mode="eager"):
        if mode != "eager" and (device != "cuda" or VERSION < (2, 2)):
            raise SystemExit(f"--mode {mode} needs --device cuda and PyTorch 2.2 or newer; this is {torch.__version__}.")
        self.experiment, self.device = experiment, torch.device(device)
        self.splits = {
            split: (torch.tensor(images, device=device), torch.tensor(labels, device=device))
            for split, (images, labels) in splits.items()
        }
        self.images, self.labels = self.splits["train"]
        self.targets = F.one_hot(self.labels, 10) * 2.0 - 1.0
        self.initial = torch.tensor(shared.initial(experiment), device=device)
        # One vector, split in the forward pass: AdamW is then a launch or a few, not eight times as many.
        self.parameters = self.initial.clone().requires_grad_()
        self.captured = mode in ("graph", "compile-graph")
        self.loss = self.loss_eagerly
        if mode.startswith("compile"):
            self.loss = torch.compile(self.loss, mode=None if self.captured else "reduce-overhead")
        self.rates = shared.learning_rates(experiment["optimizer"], steps)
        self.rates_on_device = torch.tensor(self.rates, device=device)
        self.number, self.number_on_device = 0, torch.zeros(1, dtype=torch.long, device=device)
        beta1, beta2, epsilon, decay = shared.adamw(experiment["optimizer"])
        quick = {"fused": True, "capturable": self.captured} if device == "cuda" and VERSION >= (2, 2) else {}
        # A graph replays what it captured: its learning rate has to be read from the device, step by step.
        rate = torch.zeros((), device=device) if self.captured else self.rates[0]
        self.optimizer = torch.optim.AdamW([self.parameters], rate, (beta1, beta2), epsilon, decay, **quick)
        self.take_step = self.step

    def loss_eagerly(self):
        images = roll(self.images, self.experiment["shift"]) if self.experiment.get("shift") else self.images
        outputs = forward(self.parameters, images, self.experiment, self.experiment.get("dropout", 0.0))
        return loss_of(outputs, self.labels, self.targets, self.experiment)

    def step(self):
        group = self.optimizer.param_groups[0]
        if self.captured:
            group["lr"].copy_(self.rates_on_device[self.number_on_device][0])
            self.number_on_device.add_(1).remainder_(len(self.rates))
        else:
            group["lr"] = self.rates[self.number % len(self.rates)]
            self.number += 1
        self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def warm_up(self):
        """Compiles, chooses convolutions, and captures; changes parameters."""
        if self.captured:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(5):
                    self.step()
            torch.cuda.current_stream().wait_stream(side)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.step()
            self.take_step = self.graph.replay
        self.train(20 if self.device.type == "cuda" else 2)

    def begin(self):
        with torch.no_grad():
            self.parameters.copy_(self.initial)
        for state in self.optimizer.state.values():
            for tensor in state.values():
                tensor.zero_()
        self.number = 0
        self.number_on_device.zero_()
        torch.manual_seed(self.experiment["seed"])
        self.wait()

    def train(self, steps):
        for _ in range(steps):
            self.take_step()
        self.wait()

    def evaluate(self, split):
        """Loss and misses, without noise."""
        images, labels = self.splits[split]
        with torch.no_grad():
            outputs = forward(self.parameters, images, self.experiment)
            loss = loss_of(outputs, labels, F.one_hot(labels, 10) * 2.0 - 1.0, self.experiment)
        return float(loss), shared.misses(outputs.cpu().numpy(), labels.cpu().numpy())


def configure(tf32=False):
    # Ours multiplies in float32; TF32 rounds every factor to 10 bits, and cuDNN's convolutions would take it unasked.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True


def main():
    options = shared.arguments(__doc__, MODES).parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit(f"PyTorch {torch.__version__} finds no NVIDIA GPU: --device cpu.")
    configure(options.tf32)
    torch.set_num_threads(options.threads)
    experiment = shared.configuration(options.config)
    splits, name = digits.load(options.data, options.examples)
    training = Training(experiment, splits, options.steps, options.device, options.mode)
    device = torch.cuda.get_device_name() if options.device == "cuda" else f"{options.threads} threads"
    about = {"peer": "PyTorch", "version": torch.__version__, "cuda": torch.version.cuda, "device": device, "data": name}
    shared.measure(training, options, about)


if __name__ == "__main__":
    main()
