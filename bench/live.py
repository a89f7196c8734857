#!/usr/bin/env python3
"""How much slower a training is when a page looks on: trainings with and without, by turns, and the ratio of their times.

bench/live.py ROUNDS TRAINER-ARGUMENTS...

The reader does what the page does: it reads the events and fetches the network five times a second. Times are those of training and
evaluation that the program measures itself (result.seconds.train + evaluate). The ratio is that of each pair, and their median is printed with
the range between its quartiles.
"""
import json
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

TRAINER = "src/Trainer/bin/Release/net10.0/trainer"


def follow(address, done):
    base, token = address.split("/?token=")
    requests = 0

    def events():
        with urllib.request.urlopen(f"{base}/events?run=0&token={token}") as stream:
            while stream.read1(65536):
                pass

    threading.Thread(target=events, daemon=True).start()
    while not done.is_set():
        try:
            urllib.request.urlopen(f"{base}/parameters?run=0&token={token}").read()
            requests += 1
        except OSError:
            pass
        time.sleep(0.2)
    return requests


def train(arguments, is_live):
    command = [TRAINER, *arguments, "--no-save", "--json", *(["--live", "--live-port", "0"] if is_live else [])]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    done = threading.Event()
    for line in program.stderr:
        if line.startswith("live: "):
            # The run is there a moment later.
            threading.Timer(0.5, follow, (line[6:].strip(), done)).start()
    result = json.loads(program.stdout.read())
    done.set()
    return result["seconds"]["train"] + result["seconds"]["evaluate"], result["parametersSha256"]


def main():
    rounds, arguments = int(sys.argv[1]), sys.argv[2:]
    pairs = []
    for index in range(rounds):
        # Who is first has an advantage or not: by turns.
        order = (False, True) if index % 2 == 0 else (True, False)
        found = {is_live: train(arguments, is_live) for is_live in order}
        assert found[True][1] == found[False][1], "other bits"
        pairs.append((found[False][0], found[True][0]))
    ratios = sorted(live / plain for plain, live in pairs)
    quarters = statistics.quantiles(ratios, n=4)
    print(
        f"{' '.join(arguments)}: {rounds} pairs, plain {statistics.median(p for p, _ in pairs):.3f} s, with a page "
        f"{statistics.median(p for _, p in pairs):.3f} s; ratio {statistics.median(ratios):.4f} (quartiles {quarters[0]:.4f} to {quarters[2]:.4f})"
    )


main()
