#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the map from header to test in tests/README.md, or prints it for each header.

    test_map.py ROOT [--print] [--readme FILE]

A header is tested by tests/FOLDER/NAME.cpp, by the tests that its folder's row names for it, by the files of tests/ that include it,
and else through the headers of its folder that include it. Fails if a header has none of these, if a folder has no row, or if a row
names a header or a test that does not exist.
"""
import argparse
import fnmatch
import pathlib
import re

parser = argparse.ArgumentParser()
parser.add_argument("root", type=pathlib.Path)
parser.add_argument("--print", action="store_true")
parser.add_argument("--readme", type=pathlib.Path)
options = parser.parse_args()
include, tests = options.root / "include/fovea", options.root / "tests"
headers = sorted(h.relative_to(include) for h in include.rglob("*.hpp") if h.parent != include)
sources = {t: t.read_text() for t in sorted(tests.rglob("*")) if t.suffix in (".cpp", ".cu", ".hpp")}
tags = {f"{t.parent.name}/{tag}" for t, text in sources.items() for tag in re.findall(r'"\[([a-z_0-9]+)\]"', text)}
errors, found = [], {}


def exists(test):
    """True for a file of tests/, a tag of a file, or a folder."""
    return test in tags or any((tests / (test + end)).exists() for end in ("", ".cpp", ".cu", ".sh"))


rows = {}
for folder, where, exceptions in re.findall(r"^\| `([a-z]+)/` \| (.*?) \| (.*) \|$",
                                            (options.readme or tests / "README.md").read_text(), re.M):
    if not (include / folder).is_dir():
        continue
    rows[folder] = re.findall(r"`([a-z_0-9*]+)(?:\.hpp)?`", exceptions)
    for name in re.findall(r"`([a-z_0-9*]+)\.hpp`", exceptions):
        if not any(fnmatch.fnmatch(h.name, name + ".hpp") for h in headers if h.parts[0] == folder):
            errors.append(f"the row of {folder}/ names {name}.hpp, which does not exist")
    for test in re.findall(r"`([a-z_]+/[a-z_0-9]*)`", where + exceptions):
        if not exists(test):
            errors.append(f"the row of {folder}/ names the test {test}, which does not exist")

for header in headers:
    folder = header.parts[0]
    named = tests / folder / (header.stem + ".cpp")
    line = f"#include <fovea/{header}>"
    found[header] = [str(named.relative_to(tests))] if named.exists() else []
    if any(fnmatch.fnmatch(header.stem, name) for name in rows.get(folder, [])):
        found[header].append("README")
    found[header] += [str(t.relative_to(tests)) for t, text in sources.items() if line in text and t != named]
for folder in sorted({h.parts[0] for h in headers} - rows.keys()):
    errors.append(f"there is no row of {folder}/")
waiting = [h for h in headers if not found[h]]
texts = {h: (include / h).read_text() for h in headers}
while waiting:
    left = []
    for h in waiting:
        users = [u for u in headers if u.parts[0] == h.parts[0] and found[u] and f"#include <fovea/{h}>" in texts[u]]
        found[h] = [f"through {u}" for u in users]
        if not users:
            left.append(h)
    if len(left) == len(waiting):
        errors += [f"no test includes {h} or has its name, no row names it, and no tested header of its folder includes it" for h in left]
        break
    waiting = left

if options.print:
    for header in headers:
        print(f"{header}: {', '.join(found[header])}")
if errors:
    raise SystemExit("tests/README.md: " + "\n".join(errors))
print(f"{len(headers)} headers have tests")
