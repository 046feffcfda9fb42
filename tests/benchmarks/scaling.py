#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times fovea over sizes: the step of a network over batch and width, losses over elements, softmax cross-entropy over
classes against a plain loop, an epoch over rows; and compares the peak memory of each with the size of its arrays. Each point
is a separate process. Prints tables; normally run by compare.sh --scaling."""

import argparse
import json
import pathlib
import subprocess
import sys


def powers(base, first, last):
    sizes = [first]
    while sizes[-1] < last:
        sizes.append(min(sizes[-1] * base, last))
    return sizes


# series: (its sizes, the meaning of a size)
SERIES = {
    "batch": (powers(4, 1, 65_536), "rows in a batch, 29-16-8-1"),
    "width": (powers(2, 8, 4_096), "width of 29-width-width-1, batch 128"),
    "focal": (powers(10, 1_000, 100_000_000), "elements, focal loss, γ = 2"),
    "bce": (powers(10, 1_000, 100_000_000), "elements, BCE"),
    "squared": (powers(10, 1_000, 100_000_000), "elements, mean squared error"),
    "softmax": ([2, 3, 4, 5, 7, 8, 10, 16, 17, 32, 33, 64, 100, 128, 256, 1_000], "classes, softmax cross-entropy"),
    "epoch": (powers(10, 1_000, 10_000_000), "rows, epoch of 29-16-8-1, batch 128"),
}


def measure(program, what, size, seconds):
    run = subprocess.run([program, what, str(size), str(seconds)], stdout=subprocess.PIPE, check=True, text=True)
    return {"size": size, **json.loads(run.stdout)}


def table(what, points):
    softmax = "loop" in points[0]
    yield f"| {SERIES[what][1]} | ns each | {'the plain loop, ns each | loop / fovea' if softmax else 'peak MB | peak / needed'} |"
    yield "|---|---|---|---|"
    for p in points:
        if softmax:
            each, other = p["seconds"] / p["elements"] * 1e9, p["loop"] / p["elements"] * 1e9
            yield f"| {p['size']} | {each:.2f} | {other:.2f} | {other / each:.2f} |"
        else:
            ratio = p["peak"] / p["needed"]
            yield (f"| {p['size']:,} | {p['seconds'] / p['size'] * 1e9:.3g} | {p['peak'] / 1e6:.4g} | "
                   f"{f'{ratio:.2f}' if p['needed'] > 2e7 else ''} |")
    yield ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/benchmark/tests/benchmarks/scaling", help="what scaling.cpp became")
    parser.add_argument("--series", type=lambda text: text.split(","), default=list(SERIES), metavar="A,B",
                        help="of " + ", ".join(SERIES) + "; all")
    parser.add_argument("--seconds", type=float, default=1, help="of a point; 1")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    for what in options.series:
        if what not in SERIES:
            parser.error(f"--series: there is no {what!r}; there are {', '.join(SERIES)}")
    result = {}
    for what in options.series:
        points = result[what] = []
        for size in SERIES[what][0]:
            print(f"\r{what}: {size}          ", end="", file=sys.stderr, flush=True)
            points.append(measure(options.program, what, size, options.seconds))
        print(file=sys.stderr)
        print("\n".join(table(what, points)))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
