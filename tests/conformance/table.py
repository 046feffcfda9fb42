#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Generates docs/what-runs-where.md from the reports that the conformance tests write to a folder.

table.py REPORTS DOCUMENT            writes the document
table.py REPORTS DOCUMENT --check    compares the document with the report of each backend or type that has one
"""
import pathlib
import re
import sys

BEGIN = "<!-- written by tests/conformance/table.py -->\n"


def read(path):
    """Returns a report's title, and each law's outcome with the reason."""
    title, *lines = path.read_text().rstrip("\n").split("\n")
    laws = {}
    for line in lines[:-1]:
        law, became, why = re.fullmatch(r"  (\S.*?) +(passed|FAILED|declined)(?:: (.*))?", line).groups()
        laws[law] = (became, why)
    return title, laws


def order(title):
    kinds = ["host", "xtensor", "thrust_backend<float, cpp>", "thrust", "an archetype"]
    return next((i for i, kind in enumerate(kinds) if title.startswith(kind)), len(kinds)), title


def cell(result, notes):
    became, why = result
    if became == "passed":
        return "yes"
    if became == "FAILED":
        return "**no**"
    if why not in notes:
        notes.append(why)
    return f"({notes.index(why) + 1})"


def grid(rows):
    text = ["| " + " | ".join(row) + " |\n" for row in rows]
    return text[0] + "|---" * len(rows[0]) + "|\n" + "".join(text[1:])


def table(reports, notes):
    """Returns a table with one column per backend or type and one row per law; the first row and column hold the names."""
    titles = sorted(reports, key=order)
    rows = [[""] + [f"`{t}`" for t in titles]]
    for law in reports[titles[0]]:
        rows.append([law] + [cell(reports[t][law], notes) for t in titles])
    return rows


def document(reports):
    backends = {t: r for t, r in reports.items() if "empty has the extents" in r}
    tensors = {t: r for t, r in reports.items() if t not in backends}
    notes = []
    text = "## Backends\n\n" + grid(table(backends, notes))
    if tensors:
        text += "\n## Tensor types\n\n" + grid(list(zip(*table(tensors, notes))))
    return text + "\n" + "".join(f"({i + 1}) {note}.  \n" for i, note in enumerate(notes))


def main():
    folder, path = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    reports = dict(read(p) for p in sorted(folder.glob("*.txt")))
    if not reports:
        sys.exit(f"table.py: no reports in {folder}; the tests leave them there")
    head, _, old = path.read_text().partition(BEGIN)
    if sys.argv[3:] != ["--check"]:
        path.write_text(head + BEGIN + "\n" + document(reports))
        return
    # Compares cell by cell, because a machine may lack a backend, and notes by their text, because their numbers may differ.
    words = dict(re.findall(r"^\((\d+)\) (.*)\.  $", old, re.M))
    said = {}
    for block in old.split("\n## ")[1:]:
        rows = [line[2:-2].split(" | ") for line in block.split("\n") if line.startswith("|") and "---" not in line]
        if not rows[0][1].startswith("`"):
            rows = list(zip(*rows))
        for column, title in enumerate(rows[0]):
            said[title.strip("`")] = {row[0]: row[column] for row in rows[1:]}
    wrong = [f"{title}: the document has no row" for title in reports if title not in said]
    for title in set(reports) & set(said):
        if set(reports[title]) != set(said[title]):
            wrong.append(f"{title}: the document has other laws")
        for law, (became, why) in reports[title].items():
            found = said[title].get(law, "nothing")
            expected = {"passed": "yes", "FAILED": "**no**"}.get(became, why)
            if words.get(found.strip("()"), found) != expected:
                wrong.append(f"{title}, {law}: {expected}; the document says {words.get(found.strip('()'), found)}")
    if wrong:
        sys.exit("\n".join(sorted(wrong)) + f"\n{path.name} is out of date: table.py REPORTS DOCUMENT")
    print(f"{path.name} says of {len(reports)} backends and types what their reports say")


if __name__ == "__main__":
    main()
