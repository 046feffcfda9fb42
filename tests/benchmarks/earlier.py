#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times fovea's programs of the benchmarks beside the same programs built with an earlier commit's headers.

Both run in turn, and the earlier one twice, as an A/A: a ratio that differs from 1 by no more than the A/A's says nothing. A program
that does not compile with the earlier headers is replaced by the earlier commit's own. Ratios are medians over rounds.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def build(tree, problem, program, o):
    command = [o.compiler, "-std=c++20", "-DNDEBUG", "-DXTENSOR_USE_XSIMD", *o.flags.split(), f"-I{tree}/include",
               f"{tree}/tests/benchmarks/{problem}/fovea.cpp", "-o", str(program), "-lpthread"]
    for blas in (["-lopenblas"], []):
        told = subprocess.run(command + blas, capture_output=True, text=True)
        if told.returncode == 0:
            return None
    return told.stderr


def timed(program, seconds):
    told = subprocess.run([program, "--seconds", str(seconds)], input="\n", capture_output=True, text=True, check=True)
    rows, bits = {}, {}
    for line in filter(None, told.stdout.splitlines()):
        row = json.loads(line)
        if "seconds" in row:
            rows[row["row"]] = row["seconds"]
        else:
            bits[row["row"]] = row["bits"]
    return rows, bits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier commit, such as 71389fe")
    parser.add_argument("problems", nargs="*", default=["step", "predict"], help="folders of tests/benchmarks (step predict)")
    parser.add_argument("--rounds", type=int, default=30, help="turns of each program (30)")
    parser.add_argument("--seconds", type=float, default=0.05, help="seconds a row and turn (0.05)")
    parser.add_argument("--compiler", default="g++", help="(g++)")
    parser.add_argument("--flags", default="-O3 -march=native", help="(-O3 -march=native)")
    o = parser.parse_args()

    folder = ROOT / "build" / "earlier"
    earlier = folder / "source"
    shutil.rmtree(earlier, ignore_errors=True)
    earlier.mkdir(parents=True)
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", o.commit], capture_output=True)
    if archive.returncode:
        sys.exit(f"earlier.py: {archive.stderr.decode().strip()}")
    subprocess.run(["tar", "-x", "-C", str(earlier)], input=archive.stdout, check=True)

    print(f"{processor()}, {o.compiler} {o.flags}, {o.rounds} rounds; ratios to {o.commit}")
    for problem in o.problems:
        now, before = folder / f"{problem}_now", folder / f"{problem}_{o.commit}"
        if error := build(ROOT, problem, now, o):
            sys.exit(f"earlier.py: {problem} does not compile: {error}")
        source = earlier / "tests" / "benchmarks" / problem / "fovea.cpp"
        own = source.read_text() if source.exists() else None
        source.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / "benchmarks" / problem / "fovea.cpp", source)
        if build(earlier, problem, before, o):
            if own is None:
                print(f"{problem}: does not compile with {o.commit}, which has no such benchmark")
                continue
            source.write_text(own)
            if error := build(earlier, problem, before, o):
                sys.exit(f"earlier.py: {problem} of {o.commit} does not compile: {error}")
        turns = {"now": now, "before": before, "again": before}
        times = {turn: {} for turn in turns}
        bits = {}
        for round in range(o.rounds):
            for turn in list(turns)[:: 1 if round % 2 else -1]:
                rows, bits[turn] = timed(turns[turn], o.seconds)
                for row, seconds in rows.items():
                    times[turn].setdefault(row, []).append(seconds)
        for row in times["now"]:
            if row not in times["before"]:
                continue
            ratio = {turn: statistics.median(a / b for a, b in zip(times[turn][row], times["before"][row])) for turn in turns}
            same = {True: ", same bits", False: ", other bits"}[bits["now"].get(row) == bits["before"].get(row)] if row in bits["now"] else ""
            print(f"{problem}: {row}: {ratio['now']:.3f} (A/A {ratio['again']:.3f}); median "
                  f"{statistics.median(times['now'][row]):.4g} s, earlier {statistics.median(times['before'][row]):.4g} s{same}")


if __name__ == "__main__":
    main()
