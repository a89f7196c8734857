#!/usr/bin/env python3
"""What a page that looks on costs a training: windows of it with a reader and without, by turns, in one long training.

bench/live.py ROUNDS TRAINER-ARGUMENTS...

The reader does what the page does: it reads the events, and fetches the network five times a second. What is compared is the time for a step: by the
clock, and in processor time, which other programs on the machine disturb less, of the busiest thread, which trains, and of the whole program,
server included. A ratio is that of the two windows of a round; the median is printed, with the quartiles. Linux.
"""
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

TRAINER = "src/Trainer/bin/Release/net10.0/trainer"
WINDOW = 1.5


class Reader:
    def __init__(self, address):
        self.base, self.token = address.split("/?token=")
        self.done = threading.Event()
        self.stream = urllib.request.urlopen(f"{self.base}/events?run=0&token={self.token}")
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.listen, self.fetch)]
        for thread in self.threads:
            thread.start()

    def listen(self):
        while not self.done.is_set():
            self.stream.readline()

    def fetch(self):
        while not self.done.wait(0.2):
            urllib.request.urlopen(f"{self.base}/parameters?run=0&token={self.token}").read()

    def close(self):
        self.done.set()
        for thread in self.threads:
            thread.join()
        self.stream.close()


def standing(address, program):
    """Steps so far, seconds, and processor time: of each thread, in seconds."""
    base, token = address.split("/?token=")
    with urllib.request.urlopen(f"{base}/events?run=0&token={token}") as stream:
        steps = json.loads(stream.readline()[6:])["run"]["steps"]
    threads = {}
    for task in os.listdir(f"/proc/{program}/task"):
        with open(f"/proc/{program}/task/{task}/schedstat") as file:
            threads[task] = int(file.read().split()[0]) / 1e9
    return steps, time.perf_counter(), threads


def window(address, program, is_looking):
    reader = Reader(address) if is_looking else None
    time.sleep(0.3)
    steps, clock, threads = standing(address, program)
    time.sleep(WINDOW)
    last_steps, last_clock, last_threads = standing(address, program)
    if reader:
        reader.close()
    used = [seconds - threads.get(task, 0) for task, seconds in last_threads.items()]
    return [each / (last_steps - steps) for each in (last_clock - clock, max(used), sum(used))]


def main():
    rounds, arguments = int(sys.argv[1]), sys.argv[2:]
    program = subprocess.Popen(
        [TRAINER, *arguments, "--no-save", "--live", "--live-port", "0"], stdout=subprocess.PIPE, text=True)
    address = next(line for line in program.stdout if line.startswith("live: "))[6:].strip()
    threading.Thread(target=program.stdout.read, daemon=True).start()
    try:
        time.sleep(3)
        ratios = []
        for index in range(rounds):
            order = (False, True) if index % 2 == 0 else (True, False)
            found = {is_looking: window(address, program.pid, is_looking) for is_looking in order}
            ratios.append([looking / alone for alone, looking in zip(found[False], found[True])])
    finally:
        program.terminate()
    print(f"{' '.join(arguments)}: {rounds} rounds of two windows of {WINDOW} s")
    for name, values in zip(("by the clock", "processor, busiest thread", "processor, whole program"), zip(*ratios)):
        quarters = statistics.quantiles(values, n=4)
        print(f"  {name}: {statistics.median(values):.4f} ({quarters[0]:.4f} to {quarters[2]:.4f})")


main()
