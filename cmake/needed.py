#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""needed.py BUILD [argument of ctest...]: prints the link outputs in the Ninja build folder BUILD that the commands of the
tests selected by ctest name, one file per line."""

import json
import pathlib
import subprocess
import sys


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    shown = subprocess.run(
        ["ctest", "--test-dir", build, "--show-only=json-v1", *sys.argv[2:]], stdout=subprocess.PIPE, check=True
    )
    made = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], stdout=subprocess.PIPE, check=True, text=True)
    linked = {name for name, _, rule in (line.partition(": ") for line in made.stdout.splitlines()) if "_LINKER__" in rule}
    needed = set()
    for test in json.loads(shown.stdout)["tests"]:
        for word in test.get("command", []):
            path = pathlib.Path(word.rpartition("=")[2])
            if path.is_relative_to(build):
                needed.add(str(path.relative_to(build)))
    print("\n".join(sorted(needed & linked)))


if __name__ == "__main__":
    main()
