#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""needed.py BUILD [argument of ctest...]: prints the link outputs in the Ninja build folder BUILD that the commands of the
tests selected by ctest name, one file per line."""

import json
import pathlib
import re
import shlex
import subprocess
import sys


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    shown = subprocess.run(
        ["ctest", "--test-dir", build, "--show-only=json-v1", *sys.argv[2:]], stdout=subprocess.PIPE, check=True
    )
    selected = {test["name"] for test in json.loads(shown.stdout)["tests"]}
    # ctest shows no command whose program is not built yet; its files have all.
    commands = []
    for file in build.rglob("CTestTestfile.cmake"):
        for name, command in re.findall(r"^add_test\(\[=*\[(.*?)\]=*\] (.*)\)$", file.read_text(encoding="utf-8"), re.M):
            if name in selected:
                commands += shlex.split(command)
    made = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], stdout=subprocess.PIPE, check=True, text=True)
    linked = {name for name, _, rule in (line.partition(": ") for line in made.stdout.splitlines()) if "_LINKER__" in rule}
    needed = set()
    for word in commands:
        path = pathlib.Path(word.rpartition("=")[2])
        if path.is_relative_to(build):
            needed.add(str(path.relative_to(build)))
    print("\n".join(sorted(needed & linked)))


if __name__ == "__main__":
    main()
