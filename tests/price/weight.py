#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The weight of the test suite: what it costs to compile, relative to the standard headers alone in the same build.

    weight.py LOG [--heaviest N]

LOG is what weigh.sh wrote while the suite was built. Prints the heaviest translation units and the total, in user seconds and in
compiles of tests/standard.hpp, and exits with 1 if a unit or the total exceeds its bound in this file. A result from a compiler
cache costs almost nothing, so it is below every bound; if the standard headers themselves came from a cache, nothing is checked.
A unit that was not rebuilt keeps its last entry; a unit whose object no longer exists is ignored.
"""

import argparse
import pathlib
import re
import statistics
import sys

# In compiles of the standard headers. A unit above UNIT is split, or stands in HEAVY with the reason why it is worth its
# time.
UNIT, TOTAL = 100, 2300
HEAVY = {
    # All tests for a device, compiled by nvcc: half of its time goes to the headers, which they share.
    "device/suite.cu.o": 130,
    "device/alone.cu.o": 130,
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
    standard = [user for name, user in units.items() if re.search(r"standard_\d\.cpp\.o$", name)]
    if not standard:
        sys.exit(f"weight.py: {options.log} has no compile of the standard headers")
    one = statistics.median(standard)
    if one < 0.1:
        print(f"the standard headers took {one:.2f} s, from a compiler cache: nothing is checked")
        return

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
