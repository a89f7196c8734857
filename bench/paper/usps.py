"""Counts what is in the files of USPS, and draws the test digits that nearly all networks of 1989-paper miss.

    python3 bench/paper/usps.py facts
    python3 bench/paper/usps.py misses [--record docs/benchmarks/paper-misses-2026-11-28.json] [--sheet docs/paper/misses.png]
    python3 bench/paper/usps.py network

'facts' reads zip.train and zip.test, plain or .gz, in GPUCONVNET_DATA/usps. 'misses' trains ten seeds. 'network' counts the
network's units, connections and parameters, by going through all of them. Needs Python 3.10 and nothing else.
"""

import argparse
import collections
import gzip
import json
import os
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAINER = shlex.split(os.environ.get("TRAINER", str(ROOT / "trainer")))
SEEDS = range(1, 11)
MOST_OF_THE_SEEDS = 9
SIZE = 16


class Failure(Exception):
    """What went wrong, for whoever started this."""


def content(name):
    """A file's bytes, unpacked."""
    if "GPUCONVNET_DATA" not in os.environ:
        raise Failure("GPUCONVNET_DATA names no folder; it has to hold usps/zip.train and usps/zip.test, plain or .gz")
    plain = pathlib.Path(os.environ["GPUCONVNET_DATA"]) / "usps" / name
    return plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_name(name + ".gz").read_bytes())


def digits(name):
    """The digits of a file: a label and 256 grey levels each."""
    rows = [[float(word) for word in line.split()] for line in content(name).splitlines()]
    return [(int(row[0]), tuple(row[1:])) for row in rows]


# Facts


def facts():
    splits = {name: digits(name) for name in ("zip.train", "zip.test")}
    for name, split in splits.items():
        raw = content(name)
        lines = raw.split(b"\n")
        columns = collections.Counter(len(line.split(b" ")) for line in lines if line)
        words = collections.Counter(len(line.split()) for line in lines if line)
        ends = collections.Counter(repr(line[-1:]) for line in lines if line)
        levels = {level for _, pixels in split for level in pixels}
        labels = collections.Counter(label for label, _ in split)
        pixels = [level for _, image in split for level in image]
        print(f"{name}: {len(split)} digits, {len(raw)} bytes, {'CR LF' if bytes([13]) in raw else 'LF'}, last byte {raw[-1:]!r}")
        print(f"  columns when split at each blank {dict(columns)}, numbers in a line {dict(words)}, last characters {dict(ends)}")
        print(f"  {len(levels)} grey levels from {min(levels)} to {max(levels)}, mean {sum(pixels) / len(pixels):.4f}")
        print(f"  at -1: {share(pixels, -1)}, at +1: {share(pixels, 1)}; on a grid of thousandths: {on_grid(levels)}")
        print(f"  of each class {[labels[label] for label in range(10)]}, in percent "
              f"{[round(100 * labels[label] / len(split), 1) for label in range(10)]}")
        print(f"  same image more than once: {repeated(split)}")
    train, test = splits.values()
    common = {pixels for _, pixels in train} & {pixels for _, pixels in test}
    print(f"images in both files: {len(common)}")


def share(pixels, level):
    return f"{100 * pixels.count(level) / len(pixels):.1f}%"


def on_grid(levels):
    return all(abs(level * 1000 - round(level * 1000)) < 1e-9 for level in levels)


def repeated(split):
    groups = collections.defaultdict(list)
    for index, (label, pixels) in enumerate(split):
        groups[pixels].append((index, label))
    return [group for group in groups.values() if len(group) > 1] or "none"


# Misses


def program(*arguments):
    command = [*TRAINER, *map(str, arguments)]
    print("+", shlex.join(command), file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"exit code {done.returncode}")
    return done.stdout


def misses(record, sheet):
    taken_for = collections.defaultdict(list)
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        program("-c", "1989-paper", "-a", "host", "--runs", len(SEEDS), "--seed", SEEDS[0], "--out", f"{folder}/runs",
                "--no-report", "--no-events", "--quiet")
        for seed in SEEDS:
            errors = json.loads(program("errors", f"{folder}/runs/seed-{seed}", "--json", "--out", f"{folder}/{seed}.png"))
            counts.append(errors["evaluation"]["misses"])
            for digit in errors["misclassified"]:
                taken_for[digit["index"]].append(digit["predicted"])
    test = digits("zip.test")
    always = sorted(index for index, predicted in taken_for.items() if len(predicted) >= MOST_OF_THE_SEEDS)
    by_times = collections.Counter(len(predicted) for predicted in taken_for.values())
    result = {
        "seeds": list(SEEDS),
        "missesOfSeeds": counts,
        "digitsMissedBySeeds": {str(times): by_times[times] for times in range(1, len(SEEDS) + 1)},
        "missedByNineOrTen": [
            {"index": index, "label": test[index][0], "takenFor": collections.Counter(taken_for[index]).most_common(1)[0][0]}
            for index in always
        ],
    }
    record.write_text("{\n" + ",\n".join(f' "{key}": {json.dumps(value)}' for key, value in result.items()) + "\n}\n")
    sheet.write_bytes(contact_sheet([(test[index][1], entry["label"], entry["takenFor"]) for index, entry in
                                     zip(always, result["missedByNineOrTen"])]))
    print(f"{len(taken_for)} digits are missed by one seed at least, {len(always)} by nine or ten; a seed misses {sum(counts) / len(counts)}")
    print(f"missed by so many seeds: {result['digitsMissedBySeeds']}")


# Three columns of five rows, a digit each.
GLYPHS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711", "5": "74717", "6": "74757", "7": "71222", "8": "75757",
    "9": "75717", ">": "42124",
}  # fmt: skip


def contact_sheet(cells):
    """A grey PNG: each digit three times its size, and under it what it is and what most networks take it for."""
    times, columns, gap, caption = 3, 14, 8, 16
    cell = SIZE * times
    rows = -(-len(cells) // columns)
    width, height = gap + columns * (cell + gap), gap + rows * (cell + caption + gap)
    canvas = [bytearray(b"\xff" * width) for _ in range(height)]
    for place, (pixels, label, predicted) in enumerate(cells):
        left = gap + place % columns * (cell + gap)
        top = gap + place // columns * (cell + caption + gap)
        for y in range(cell):
            for x in range(cell):
                canvas[top + y][left + x] = round((1 - pixels[y // times * SIZE + x // times]) * 127.5)
        write(canvas, left + 8, top + cell + 4, f"{label}>{predicted}", 2)
    return png(canvas, width, height)


def write(canvas, left, top, text, times):
    for character in text:
        for y, row in enumerate(GLYPHS[character]):
            for x in range(3):
                if int(row) >> (2 - x) & 1:
                    for dot in range(times * times):
                        canvas[top + y * times + dot // times][left + x * times + dot % times] = 0
        left += 5 * times


def png(canvas, width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in canvas), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


# Network


def network():
    """Units, connections and parameters: H1 12 maps of 8x8 with 5x5 kernels, H2 12 of 4x4 that read eight maps, H3 30, outputs 10."""
    units, connections, weights = collections.Counter(), collections.Counter(), collections.defaultdict(set)
    layers = {
        "H1": ((map_, unit, kernel, 0) for map_ in range(12) for unit in range(64) for kernel in range(25)),
        "H2": ((map_, unit, kernel, source) for map_ in range(12) for unit in range(16) for source in range(8) for kernel in range(25)),
    }
    for name, places in layers.items():
        seen = set()
        for map_, unit, kernel, source in places:
            seen.add((map_, unit))
            connections[name] += 1
            weights[name].add((map_, source, kernel))
        units[name] = len(seen)
        connections[name] += len(seen)
        weights[name] |= {("bias", *unit) for unit in seen}
    for name, inputs, outputs in (("H3", 12 * 16, 30), ("output", 30, 10)):
        units[name] = outputs
        connections[name] = outputs * (inputs + 1)
        weights[name] = {(output, source) for output in range(outputs) for source in range(inputs + 1)}
    for name in units:
        print(f"{name}: {units[name]} units, {connections[name]} connections, {len(weights[name])} parameters")
    print(f"together {sum(units.values())} units, with the 256 inputs {256 + sum(units.values())}; "
          f"{sum(connections.values())} connections; {sum(map(len, weights.values()))} parameters")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["facts", "misses", "network"])
    parser.add_argument("--record", type=pathlib.Path, default=ROOT / "docs" / "benchmarks" / "paper-misses-2026-11-28.json")
    parser.add_argument("--sheet", type=pathlib.Path, default=ROOT / "docs" / "paper" / "misses.png")
    options = parser.parse_args()
    if options.what == "misses":
        misses(options.record, options.sheet)
    else:
        {"facts": facts, "network": network}[options.what]()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"usps.py: {failure}")
