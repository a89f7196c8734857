#!/usr/bin/env python3
"""What a page that looks on costs a training: whole trainings without --live and with a page that looks on, by turns.

bench/live.py ROUNDS TRAINER-ARGUMENTS...

The reader does what the page does: it reads the events, and fetches the network five times a second, from the first step to the last.
What is compared is the time that the training took, as its result says ("seconds": {"train": ...}), and the processor time of the whole
program, server and analysis included. A ratio is that of the two trainings of a round; the median is printed, with the quartiles.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request

TRAINER = "src/Trainer/bin/Release/net10.0/trainer"


def look(address, ended):
    base, token = address.split("/?token=")

    def fetch():
        while not ended.wait(0.2):
            try:
                urllib.request.urlopen(f"{base}/parameters?run=0&token={token}").read()
            except OSError:
                pass  # There is no network yet, or the program has ended.

    fetcher = threading.Thread(target=fetch, daemon=True)
    fetcher.start()
    messages = 0
    try:
        with urllib.request.urlopen(f"{base}/events?run=0&token={token}") as stream:
            for line in stream:
                messages += line.startswith(b"data:")
    except OSError:
        pass  # The program has ended before its last message was read.
    ended.set()
    fetcher.join()
    return messages


def train(arguments, is_looking):
    """Seconds of training, seconds of processors, and how much a page was told."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        page = ["--live", "--live-port", "0"] if is_looking else []
        program = subprocess.Popen(
            [TRAINER, *arguments, "--out", out, *page], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        messages = 0
        if is_looking:
            address = next(line for line in program.stdout if line.startswith("live: "))[6:].strip()
            threading.Thread(target=program.stdout.read, daemon=True).start()
            messages = look(address, threading.Event())
        else:
            program.stdout.read()
        if program.wait() != 0:
            sys.exit(f"the training ended with {program.returncode}")
        with open(os.path.join(out, "result.json"), encoding="utf-8") as file:
            seconds = json.load(file)["seconds"]["train"]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, messages


def main():
    rounds, arguments = int(sys.argv[1]), sys.argv[2:]
    ratios, told, alone = [], [], []
    for index in range(rounds):
        order = (False, True) if index % 2 == 0 else (True, False)
        found = {is_looking: train(arguments, is_looking) for is_looking in order}
        ratios.append([found[True][value] / found[False][value] for value in (0, 1)])
        alone.append(found[False][0])
        told.append(found[True][2])
    print(f"{' '.join(arguments)}: {rounds} rounds of two trainings of {statistics.median(alone):.2f} s; a page was told of {min(told)} to {max(told)} moments")
    for name, values in zip(("training, by the clock", "processors, whole program"), zip(*ratios)):
        quarters = statistics.quantiles(values, n=4)
        print(f"  {name}: {statistics.median(values):.4f} ({quarters[0]:.4f} to {quarters[2]:.4f})")


main()
