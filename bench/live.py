#!/usr/bin/env python3
"""What a page that looks on costs: whole trainings with --live and a page, and without --live, by turns.

bench/live.py ROUNDS TRAINER-ARGUMENTS...       TRAINER=PROGRAM bench/live.py ... measures a program that is published

A round is four trainings: without, with, with, without. The page is there from the first step on. It does what the real one does: it looks
at 50 digits, reads every event, and fetches the network, and digits that are wrong now, at most five times a second. It does not draw, and
what it takes of the processor is printed apart, for the trainer's figures do not include it. Compared are the seconds that the program itself
gives its training, the processor time of the whole program, and the time from its start to its end. A ratio is that of a round, with / without;
the median is printed, with the quartiles. The networks must be the same. Linux or macOS.
"""
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time

TRAINER = os.environ.get("TRAINER", "src/Trainer/bin/Release/net10.0/trainer")
BETWEEN_FETCHES = 0.2

# No answer takes longer, and no training.
PATIENCE = 15
LONGEST = 180


class Page:
    """A page from the address on, until the run has ended or the program is gone."""

    def __init__(self, address):
        self.host, self.token = address.removeprefix("http://").split("/?token=")
        self.asked = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        self.told, self.known = {}, set()
        self.wrong = set()
        self.is_over = False
        self.failure = None
        self.messages = self.networks = 0
        self.fetching, self.listening = (threading.Thread(target=self.attempt, args=(work,)) for work in (self.fetch, self.listen))
        self.listening.start()

    def attempt(self, work):
        try:
            work()
        except (OSError, http.client.HTTPException) as failure:
            self.failure = failure
        finally:
            self.is_over = True

    def answer(self, connection, path):
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        return connection.getresponse()

    def listen(self):
        # Until there is a run to look at.
        for message in self.events_of(""):
            if message["rows"]:
                break
        self.known = {digit["index"] for digit in json.load(self.answer(self.asked, "/run?run=0"))["samples"]}
        self.fetching.start()
        for message in self.events_of("?run=0"):
            self.messages += 1
            self.told = message["run"]
            self.wrong.update(digit["index"] for digit in (self.told.get("mistakes") or {}).get("digits", ()))
            if message["state"] in ("Finished", "Interrupted", "Failed"):
                # The server stays for the last network as long as somebody listens.
                self.is_over = True
                self.fetching.join()
                break

    def events_of(self, run):
        """What is told of a run. Who goes away hangs up."""
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            for line in self.answer(connection, f"/events{run}"):
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            connection.close()

    def fetch(self):
        network = None
        while not self.is_over:
            time.sleep(BETWEEN_FETCHES)
            if self.told.get("parameters") != network:
                network = self.told["parameters"]
                self.answer(self.asked, "/parameters?run=0").read()
                self.networks += 1
            if missing := self.wrong - self.known:
                self.known |= missing
                self.answer(self.asked, f"/digits?run=0&of={','.join(map(str, missing))}").read()

    def wait(self):
        self.listening.join()


def training(arguments, is_looked_at):
    """The seconds of one training, and the program's processor time and time in all; what it came to; the page."""
    begun = time.perf_counter()
    program = subprocess.Popen(
        [TRAINER, *arguments, "--no-save", "--json", *(["--live", "--live-port", "0"] if is_looked_at else [])],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = threading.Timer(LONGEST, program.kill)
    end.start()
    said, pages = [], []

    def follow():
        for line in program.stderr:
            said.append(line)
            if line.startswith("live: "):
                pages.append(Page(line[6:].strip()))

    follower = threading.Thread(target=follow)
    follower.start()
    printed = program.stdout.read()
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - begun
    end.cancel()
    follower.join()
    for page in pages:
        page.wait()
    if program.returncode != 0 or len(pages) != is_looked_at:
        sys.exit(f"The training ended with {program.returncode}, {len(pages)} pages:\n{''.join(said)}")
    result = json.loads(printed)
    return (result["seconds"]["train"], used.ru_utime + used.ru_stime, took), result, pages


def main():
    rounds, arguments = int(sys.argv[1]), sys.argv[2:]
    figures, networks, pages, own, looked = [], set(), [], 0.0, 0.0
    for index in range(rounds):
        sums = {False: (0, 0, 0), True: (0, 0, 0)}
        for is_looked_at in (False, True, True, False):
            before = time.process_time()
            took, result, seen = training(arguments, is_looked_at)
            own, looked = own + is_looked_at * (time.process_time() - before), looked + is_looked_at * took[2]
            sums[is_looked_at] = tuple(map(sum, zip(sums[is_looked_at], took)))
            networks.add((result["steps"], result["parametersSha256"]))
            pages += seen
        figures.append([on / off for on, off in zip(sums[True], sums[False])])
        print(f"round {index + 1}: {' '.join(f'{ratio:.4f}' for ratio in figures[-1])}", flush=True)
    assert len(networks) == 1, networks
    failures = [page.failure for page in pages if page.failure]
    print(f"{' '.join(arguments)}: {rounds} rounds of four trainings, the last of {took[0]:.1f} s for {result['steps']:,} steps")
    print(f"  a page was told {statistics.mean(page.messages for page in pages):.0f} messages, fetched "
          f"{statistics.mean(page.networks for page in pages):.0f} networks, took {own / looked:.1%} of a core; {len(failures)} lost: {failures}")
    for name, values in zip(("training, by the clock", "processor, whole program", "whole program, by the clock"), zip(*figures)):
        quarters = statistics.quantiles(values, n=4) if rounds > 1 else values * 3
        print(f"  {name}: {statistics.median(values):.4f} ({quarters[0]:.4f} to {quarters[2]:.4f})")


main()
