"""Loads a saved model, whose layers with parameters are 0 and 2, into the same network in PyTorch, and prints its outputs as JSON.

    python3 tests/golden/load_model.py model.safetensors

The network takes the sixteen examples of net/manifest.json. Of safetensors it needs no library: a header's length, a header as
JSON, and the tensors.
"""

import collections
import json
import struct
import sys

import networks
import torch


def tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            yield name, torch.frombuffer(data[begin:end], dtype=torch.float32).reshape(entry["shape"])


def main():
    network = torch.nn.Sequential(collections.OrderedDict([
        ("0", torch.nn.Conv2d(1, 4, 5, stride=2)),
        ("1", torch.nn.ReLU()),
        ("flatten", torch.nn.Flatten()),
        ("2", torch.nn.Linear(4 * 6 * 6, 10)),
    ]))
    network.load_state_dict(dict(tensors(sys.argv[1])), strict=True)
    with torch.no_grad():
        print(json.dumps(network(networks.examples()[0]).reshape(-1).tolist()))


if __name__ == "__main__":
    main()
