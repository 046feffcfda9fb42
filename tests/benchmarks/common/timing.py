# SPDX-License-Identifier: MIT
"""The protocol of timing.hpp for the competitors in Python: the same options, the same output."""

import argparse
import json
import statistics
import sys
import time


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def median_of_runs(run, seconds):
    times, begin = [], time.perf_counter()
    start = begin
    while True:
        run()
        end = time.perf_counter()
        times.append(end - start)
        if end - begin >= seconds:
            return statistics.median(times)
        start = end


def answer(seconds, version, rows):
    """`rows` is {name: run} or {name: (run, each)}, like timing::row."""
    rows = {name: row if isinstance(row, tuple) else (row, 1) for name, row in rows.items()}
    for run, _ in rows.values():
        run()
    print(json.dumps({"version": version}) + "\n", flush=True)
    for _ in sys.stdin:
        for name, (run, each) in rows.items():
            print(json.dumps({"row": name, "seconds": median_of_runs(run, seconds) / each}))
        print(flush=True)
