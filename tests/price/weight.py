#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The suite's own weight: what compiling it takes, beside compiling the standard headers alone on the same machine.

    weight.py LOG [--heaviest N]

LOG is what weigh.sh has written while the suite was built. Prints the heaviest translation units and the total, in user seconds
and in compiles of the standard headers that the core includes, and exits with 1 where one is above its bound in this file. What a
compiler cache gave costs nothing, and so is under every bound; what was not built again weighs what it did, and what is no longer
there weighs nothing.
"""

import argparse
import pathlib
import statistics
import sys

from price import MAIN, Compiler, standard_headers

# In compiles of the standard headers. A unit above its bound is split, or stands here with the reason why it is worth its time.
UNIT, TOTAL = 55, 1200
HEAVY = {
    # Six tests each, made by nvcc: half of its time goes to the headers, and these share them.
    "device_suite/0.cu.o": 80,
    "device_suite/1.cu.o": 80,
}


def seconds(text):
    minutes, rest = text.rstrip("s").split("m")
    return 60 * float(minutes) + float(rest)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("--heaviest", type=int, default=10, metavar="N")
    options = parser.parse_args()

    units = {}
    for line in options.log.read_text(encoding="utf-8").splitlines():
        user, name = line.split(" ", 1)
        if (options.log.parent / name).exists():
            units[name] = seconds(user)
    if not units:
        sys.exit(f"weight.py: {options.log} holds no translation unit")
    compiler = Compiler([])
    one = statistics.median(compiler.cost(standard_headers() + "\n" + MAIN)[0] for _ in range(3))

    print(f"the standard headers take {one:.2f} s\n\n| unit | user seconds | standard headers |\n|---|---|---|")
    heaviest = sorted(units, key=units.get, reverse=True)
    for name in heaviest[: options.heaviest]:
        print(f"| {name} | {units[name]:.1f} | {units[name] / one:.1f} |")
    total = sum(units.values())
    print(f"| all {len(units)} | {total:.0f} | {total / one:.0f} |")

    bounds = {name: next((bound for end, bound in HEAVY.items() if name.endswith(end)), UNIT) for name in heaviest}
    wrong = [(name, units[name] / one, bounds[name]) for name in heaviest]
    wrong.append(("the total", total / one, TOTAL))
    wrong = [f"{name} weighs {weight:.1f}, and its bound is {bound}" for name, weight, bound in wrong if weight > bound]
    sys.exit("\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    main()
