"""Trains what docs/paper.md reports, and writes its figures, tables and picture.

    python3 bench/paper/paper.py PART ... [--record docs/benchmarks/paper-2026-11-28.json]

PART is any of
    folds      rates of SGD and of Newton, on training digits held out, in four parts
    fullbatch  steps to the paper's train MSE with full batches, of Newton and AdamW
    seeds      32 seeds of the paper's recipe and its variants
    rates      how fast and how well, against the learning rate over two decades
    tables     which maps of H1 the maps of H2 read: seven tables, 32 seeds each
    reject     how many digits to reject for 1% errors, ten seeds
    tell       trains nothing: prints the record's tables and draws its picture, as PNG too where there is Chromium

Every part replaces its own section of the record. Needs Python 3.10 and USPS in GPUCONVNET_DATA; TRAINER names another program
than ./trainer. MSE is what the paper reports, as we read it: half the mean of the ten outputs' squared errors, a tenth of our loss.
"""

import argparse
import contextlib
import gzip
import json
import math
import os
import pathlib
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
RECORD = ROOT / "docs" / "benchmarks" / "paper-2026-11-28.json"
PICTURE = ROOT / "docs" / "paper" / "rates.svg"
TRAINER = shlex.split(os.environ.get("TRAINER", str(ROOT / "trainer")))
PAPER_MSE = 2.5e-3
EASIER_MSE = 1e-2
PASSES = 23
SEEDS = 32
RECORDED = ("trainMisses", "testMisses", "trainMse", "testMse")


class Failure(Exception):
    """What went wrong, for whoever started this."""


# Training


def config(name, **changes):
    """A configuration of configs/, with changes; those of the optimizer are written optimizer={...} and join what is there."""
    result = json.loads((CONFIGS / f"{name}.json").read_text())
    del result["$schema"]
    for key, value in changes.items():
        result[key] = {**result[key], **value} if key == "optimizer" else value
    return result


def program(*arguments):
    """Standard output of the trainer."""
    command = [*TRAINER, *map(str, arguments)]
    print("+", shlex.join(command), file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f"exit code {done.returncode}")
    return done.stdout


def train(experiment, runs, *more, history=False):
    """The runs of an experiment from seed 1: a dictionary a run."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "experiment.json"
        path.write_text(json.dumps(experiment))
        text = program("--config", path, "-a", "host", "--runs", runs, "--seed", 1, "--no-save", "--quiet", "--json", *more)
    result = json.loads(text)
    return [compact(run, history) for run in result.get("runs", [result])]


def compact(run, history):
    tested = run.get("test") or run["validation"]
    kept = {
        "seed": run["seed"],
        "trainMisses": run["train"]["misses"],
        "testMisses": tested["misses"],
        "trainMse": run["train"]["loss"] / 10,
        "testMse": tested["loss"] / 10,
    }
    if history:
        kept["history"] = [
            [entry["train"]["misses"], round(entry["train"]["loss"] / 10, 7), entry["test"]["misses"]] for entry in run["history"]
        ]
    return kept


def columns(runs):
    """All runs, a list a quantity."""
    return {key: [run[key] if isinstance(run[key], int) else float(f"{run[key]:.5g}") for run in runs] for key in RECORDED}


def statistic(runs, key):
    values = [run[key] for run in runs]
    return {"mean": statistics.mean(values), "sd": statistics.stdev(values), "min": min(values), "max": max(values)}


def summary(runs):
    return {key: statistic(runs, key) for key in RECORDED}


# Parts

FOLDS = 4
HELD_OUT = 7291 // FOLDS


@contextlib.contextmanager
def folds():
    """Folders with the training digits in an order that has another quarter of the file at its end, each."""
    lines = training_lines()
    with tempfile.TemporaryDirectory() as folder:
        folders = []
        for fold in range(FOLDS):
            first = fold * HELD_OUT
            usps = pathlib.Path(folder) / str(fold) / "usps"
            usps.mkdir(parents=True)
            order = lines[:first] + lines[first + HELD_OUT :] + lines[first : first + HELD_OUT]
            (usps / "zip.train").write_bytes(b"".join(order))
            folders.append(usps.parent)
        yield folders


def training_lines():
    if "GPUCONVNET_DATA" not in os.environ:
        raise Failure("GPUCONVNET_DATA names no folder; it has to hold usps/zip.train or usps/zip.train.gz")
    plain = pathlib.Path(os.environ["GPUCONVNET_DATA"]) / "usps" / "zip.train"
    data = plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_suffix(".train.gz").read_bytes())
    return data.splitlines(keepends=True)


def on_folds(experiment, folders, seeds):
    """Misses of the digits held out, over all folds: for every seed the mean of the four."""
    experiment = {**experiment, "train": 7291 - HELD_OUT, "validation": HELD_OUT}
    runs = [train(experiment, seeds, "--data", folder) for folder in folders]
    by_seed = [statistics.mean(fold[i]["testMisses"] for fold in runs) for i in range(seeds)]
    return {
        "heldOutMisses": statistics.mean(by_seed),
        "sd": statistics.stdev(by_seed),
        "heldOutMse": statistics.mean(run["testMse"] for fold in runs for run in fold),
        "trainMisses": statistics.mean(run["trainMisses"] for fold in runs for run in fold),
        "byFold": [statistics.mean(run["testMisses"] for run in fold) for fold in runs],
    }


def part_folds():
    rows = []
    with folds() as folders:
        for name, rates in (
            ("1989-paper-sgd", (0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.01, 0.014, 0.02)),
            ("1989-paper", (0.0003, 0.0005, 0.0007, 0.001, 0.0014)),
        ):
            for rate in rates:
                experiment = config(name, optimizer={"learningRate": rate})
                rows.append({"experiment": name, "learningRate": rate, **on_folds(experiment, folders, 4)})
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return {"heldOut": HELD_OUT, "seeds": 4, "rows": rows}


def part_seeds():
    rows = []
    for name, changes in (
        ("1989-paper", {}),
        ("1989-paper", {"shuffle": "once"}),
        ("1989-paper", {"shuffle": "no"}),
        ("1989-paper", {"optimizer": {"learningRate": 0.001}}),
        ("1989-paper", {"shuffle": "once", "optimizer": {"learningRate": 0.001}}),
        ("1989-paper", {"optimizer": {"curvatureEvery": 7291, "curvatureRate": 0}}),
        ("1989-paper", {"shuffle": "no", "optimizer": {"curvatureEvery": 7291, "curvatureRate": 0}}),
        ("1989-paper-sgd", {}),
        ("1989-paper-sgd", {"shuffle": "once"}),
        ("1989-paper-sgd", {"shuffle": "no"}),
    ):
        runs = train(config(name, **changes), SEEDS)
        rows.append({"experiment": name, "changes": changes, "summary": summary(runs), "runs": columns(runs)})
        print(json.dumps([name, changes, rows[-1]["summary"]]), file=sys.stderr, flush=True)
    return {"seeds": SEEDS, "rows": rows}


LONGEST = 46
RATE_SEEDS = 8
TIMES = [round(10 ** (i / 4), 3) for i in range(-4, 5)]


def part_rates():
    rows = []
    for name in ("1989-paper", "1989-paper-sgd"):
        own = config(name)["optimizer"]["learningRate"]
        for times in TIMES:
            rate = float(f"{own * times:.3g}")
            runs = train(config(name, passes=LONGEST, optimizer={"learningRate": rate}), RATE_SEEDS, history=True)
            rows.append({"experiment": name, "learningRate": rate, "times": times, **rate_figures(runs)})
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return {"seeds": RATE_SEEDS, "passes": LONGEST, "rows": rows}


def rate_figures(runs):
    def reach(mse):
        return [next((i + 1 for i, entry in enumerate(run["history"]) if entry[1] <= mse), None) for run in runs]

    at_23 = [run["history"][PASSES - 1] for run in runs]
    return {
        "passesToPaperMse": reach(PAPER_MSE),
        "passesToEasierMse": reach(EASIER_MSE),
        "trainMisses": [entry[0] for entry in at_23],
        "trainMse": [entry[1] for entry in at_23],
        "testMisses": [entry[2] for entry in at_23],
    }


def tables():
    """Which eight maps of H1 each map of H2 reads, by a name."""

    def leaving_out(left_out):
        return [[source for source in range(12) if source not in four] for four in left_out]

    def cyclic(four):
        return leaving_out([{(map + place) % 12 for place in four} for map in range(12)])

    # Six pairs of H1; every two of them are left out by one map of H2, but for three opposite ones: each pair by four.
    pairs = [(a, b) for a in range(6) for b in range(a + 1, 6) if b != a + 3]
    return {
        "groups": leaving_out([set(range(8, 12))] * 4 + [set(range(4))] * 4 + [set(range(4, 8))] * 4),
        "windows": cyclic((8, 9, 10, 11)),
        "pairs": leaving_out([{2 * a, 2 * a + 1, 2 * b, 2 * b + 1} for a, b in pairs]),
        "ruler": cyclic((0, 1, 4, 6)),
        **{f"random {seed}": balanced(seed) for seed in (1, 2, 3)},
    }


def balanced(seed):
    """A table at random in which eight maps of H2 read every map of H1: from windows, by exchanges that keep the counts."""
    generator = random.Random(seed)
    rows = [{(map + place) % 12 for place in range(8)} for map in range(12)]
    for _ in range(10_000):
        one, other = generator.sample(range(12), 2)
        mine, its = generator.randrange(12), generator.randrange(12)
        if mine in rows[one] - rows[other] and its in rows[other] - rows[one]:
            rows[one] ^= {mine, its}
            rows[other] ^= {mine, its}
    return [sorted(row) for row in rows]


def part_tables():
    rows = []
    for name, table in tables().items():
        runs = train(config("1989-paper", connections=table), SEEDS)
        rows.append({"table": name, "connections": table, "summary": summary(runs), "runs": columns(runs)})
        print(json.dumps([name, rows[-1]["summary"]]), file=sys.stderr, flush=True)
    return {"seeds": SEEDS, "rows": rows}


REJECT_SEEDS = 10


def part_reject():
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        program("-c", "1989-paper", "-a", "host", "--runs", REJECT_SEEDS, "--seed", 1, "--out", f"{folder}/runs",
                "--no-report", "--no-events", "--quiet")
        for seed in range(1, REJECT_SEEDS + 1):
            text = program("eval", f"{folder}/runs/seed-{seed}", "--split", "test", "--reject", "--json",
                           "--out", f"{folder}/{seed}.png")
            rows.append({"seed": seed, **json.loads(text)["rejection"]["test"]["forTarget"]})
    return {"rows": rows, "rejectedPercent": statistic(rows, "rejectedPercent")}


FULL_BATCH_SEEDS = 3
ADAMW = {"kind": "adamw", "learningRate": 0.016, "weightDecay": 0}


def part_fullbatch():
    newton = config("1989-paper-fullbatch", evaluateEvery=10)
    rows = []
    for experiment in (newton, {**newton, "optimizer": ADAMW}):
        runs = train(experiment, FULL_BATCH_SEEDS, history=True)
        row = {"optimizer": experiment["optimizer"], "steps": experiment["steps"]}
        for name, mse in (("stepsToPaperMse", PAPER_MSE), ("stepsToEasierMse", EASIER_MSE)):
            row[name] = [next((10 * (i + 1) for i, entry in enumerate(run["history"]) if entry[1] <= mse), None) for run in runs]
        rows.append({**row, "summary": summary(runs)})
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return {"seeds": FULL_BATCH_SEEDS, "rows": rows}



# Telling


def tell(record):
    for name, section in (
        ("folds", tell_folds), ("seeds", tell_seeds), ("rates", tell_rates), ("tables", tell_tables), ("reject", tell_reject),
        ("fullbatch", tell_full_batch),
    ):
        if name in record:
            print(f"## {name}\n")
            section(record[name])
            print()
    if "rates" in record:
        PICTURE.write_text(picture(record["rates"]["rows"]))
        if chromium := shutil.which("chromium"):
            size, png = f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={PICTURE.with_suffix('.png')}"
            command = [chromium, "--headless", "--no-sandbox", "--hide-scrollbars", size, png, PICTURE.as_uri()]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def spread(found, digits=1, scale=1, least=False):
    text = f"{found['mean'] * scale:.{digits}f} ± {found['sd'] * scale:.{digits}f}"
    return text + (f" ({found['min']}-{found['max']})" if least else "")


def tell_folds(section):
    table(
        ["experiment", "rate", "misses of 1,822 held out", "the four parts", "held-out MSE", "train misses"],
        [[row["experiment"], f"{row['learningRate']:g}", f"{row['heldOutMisses']:.1f} ± {row['sd']:.1f}",
          ", ".join(f"{fold:.0f}" for fold in row["byFold"]), f"{row['heldOutMse']:.5f}", f"{row['trainMisses']:.1f}"]
         for row in section["rows"]],
    )


def four_numbers(found):
    return [spread(found["trainMisses"], least=True), spread(found["testMisses"], least=True),
            spread(found["trainMse"], 2, 1e3), spread(found["testMse"], 2, 1e2)]


def tell_seeds(section):
    table(
        ["experiment", "train misses", "test misses", "train MSE, 1e-3", "test MSE, 1e-2"],
        [[f"{row['experiment']} {json.dumps(row['changes'])}", *four_numbers(row["summary"])] for row in section["rows"]],
    )


def passes(found):
    reached = [value for value in found if value is not None]
    some = f" ({len(reached)} of {len(found)})" if len(reached) < len(found) else ""
    return f"{statistics.mean(reached):.1f}{some}" if reached else "-"


def tell_rates(section):
    table(
        ["experiment", "rate", "passes to MSE 1e-2", "passes to MSE 2.5e-3", "train misses after 23", "test misses after 23"],
        [[row["experiment"], f"{row['learningRate']:g}", passes(row["passesToEasierMse"]), passes(row["passesToPaperMse"]),
          *(f"{statistics.mean(row[key]):.1f} ± {statistics.stdev(row[key]):.1f}" for key in ("trainMisses", "testMisses"))]
         for row in section["rows"]],
    )


def tell_tables(section):
    table(
        ["table", "test misses", "uncertainty of the mean", "train misses"],
        [[row["table"], spread(row["summary"]["testMisses"], least=True),
          f"{row['summary']['testMisses']['sd'] / math.sqrt(section['seeds']):.1f}", spread(row["summary"]["trainMisses"])]
         for row in section["rows"]],
    )
    groups = [row["runs"]["testMisses"] for row in section["rows"]]
    means = [statistics.mean(group) for group in groups]
    between = len(groups[0]) * statistics.variance(means)
    within = statistics.mean(statistics.variance(group) for group in groups)
    ratio = between / within
    print(f"\nVariance between tables over that within: F({len(groups) - 1}, {sum(map(len, groups)) - len(groups)}) = {ratio:.2f}; "
          f"by chance alone that or more in {100 * by_chance(groups, ratio):.0f}% of permutations.")


def by_chance(groups, found, times=20_000):
    """How often the groups' means differ as much when all runs are dealt out to the groups anew."""
    generator = random.Random(1)
    pool, count = [value for group in groups for value in group], len(groups[0])
    as_much = 0
    for _ in range(times):
        generator.shuffle(pool)
        dealt = [pool[i : i + count] for i in range(0, len(pool), count)]
        between = count * statistics.pvariance([sum(group) / count for group in dealt]) * len(groups) / (len(groups) - 1)
        mean = sum(pool) / len(pool)
        total = sum((value - mean) ** 2 for value in pool)
        within = (total - between * (len(groups) - 1)) / (len(pool) - len(groups))
        as_much += between / within >= found
    return as_much / times


def tell_reject(section):
    print(f"rejected for 1%: {spread(section['rejectedPercent'])}, {section['rejectedPercent']['min']:.1f} to "
          f"{section['rejectedPercent']['max']:.1f}")


def tell_full_batch(section):
    table(
        ["optimizer", "steps", "to MSE 1e-2", "to MSE 2.5e-3", "train misses", "test misses", "train MSE, 1e-3", "test MSE, 1e-2"],
        [[f"`{json.dumps(row['optimizer'])}`", str(row["steps"]), passes(row["stepsToEasierMse"]), passes(row["stepsToPaperMse"]),
          *four_numbers(row["summary"])] for row in section["rows"]],
    )


# The picture

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, PANEL = 980, 400, 60, 50, 330, 390
LINES = {"1989-paper": ("Newton", "#1f6fb2"), "1989-paper-sgd": ("SGD", "#c62828")}


def picture(rows):
    """An SVG of two panels: passes to an error, and test misses, against the learning rate over the recipe's own."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13" fill="#1f2328">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    first, second = Panel(LEFT, 0, LONGEST), Panel(LEFT + PANEL + 90, 80, 200)
    parts += first.frame("Passes to a train MSE of 2.5e-3 (dashed: 1e-2)", range(0, LONGEST + 1, 10))
    parts += second.frame("Test misses after 23 passes, mean ± sd", range(80, 201, 20))
    for name, (label, colour) in LINES.items():
        own = [row for row in rows if row["experiment"] == name]
        for key, dashes in (("passesToPaperMse", ""), ("passesToEasierMse", 'stroke-dasharray="5 4"')):
            reached = [(row["times"], statistics.mean(row[key])) for row in own if None not in row[key]]
            parts += first.line(reached, colour, dashes)
        misses = [(row["times"], statistics.mean(row["testMisses"]), statistics.stdev(row["testMisses"])) for row in own]
        parts += second.line([(x, y) for x, y, _ in misses], colour, "")
        parts += [second.bar(x, y - sd, y + sd, colour) for x, y, sd in misses]
        rate = config(name)["optimizer"]["learningRate"]
        at = TOP + 18 + 20 * list(LINES).index(name)
        parts.append(f'<text x="{second.left + 12}" y="{at}" fill="{colour}">{label}, chosen rate {rate:g}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


class Panel:
    def __init__(self, left, low, high):
        self.left, self.low, self.high = left, low, high

    def x(self, times):
        return self.left + PANEL * (math.log10(times) + 1.05) / 2.1

    def y(self, value):
        return BOTTOM - (BOTTOM - TOP) * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def frame(self, title, ticks):
        yield f'<text x="{self.left}" y="{TOP - 18}" font-weight="bold">{title}</text>'
        for tick in ticks:
            yield f'<line x1="{self.left}" x2="{self.left + PANEL}" y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}" stroke="#e3e6e8"/>'
            yield f'<text x="{self.left - 8}" y="{self.y(tick) + 4:.1f}" text-anchor="end">{tick}</text>'
        for times in (0.1, 0.3, 1, 3, 10):
            yield f'<text x="{self.x(times):.1f}" y="{BOTTOM + 20}" text-anchor="middle">{times:g}</text>'
        yield f'<text x="{self.left + PANEL / 2}" y="{BOTTOM + 44}" text-anchor="middle">learning rate / the chosen one</text>'

    def line(self, points, colour, dashes):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" {dashes}/>'
        for x, y in points:
            yield f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3.5" fill="{colour}"/>'

    def bar(self, x, low, high, colour):
        at = f"{self.x(x):.1f}"
        return f'<line x1="{at}" x2="{at}" y1="{self.y(low):.1f}" y2="{self.y(high):.1f}" stroke="{colour}" stroke-width="2"/>'


def written(record):
    """JSON with a line a row."""
    sections = []
    for name, section in record.items():
        rows = ",\n".join(f"   {json.dumps(row)}" for row in section["rows"])
        rest = {key: value for key, value in section.items() if key != "rows"}
        sections.append(f' "{name}": {{\n' + "".join(f'  "{key}": {json.dumps(value)},\n' for key, value in rest.items())
                        + f'  "rows": [\n{rows}\n  ]\n }}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main():
    parts = {name[5:]: part for name, part in globals().items() if name.startswith("part_")}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=[*parts, "tell"], metavar="PART")
    parser.add_argument("--record", type=pathlib.Path, default=RECORD)
    options = parser.parse_args()
    for name in options.parts:
        if name == "tell":
            tell(json.loads(options.record.read_text()))
            continue
        section = parts[name]()
        record = json.loads(options.record.read_text()) if options.record.exists() else {}
        record[name] = section
        options.record.write_text(written(record))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"paper.py: {failure}")
