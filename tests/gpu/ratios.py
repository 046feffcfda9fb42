#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints a Markdown table of the results of benchmarks.cu, with those of torch_rows.py if that file exists."""
import json
import pathlib
import sys


def time(seconds):
    for unit, scale in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale or unit == "us":
            return f"{seconds / scale:.3g} {unit}"


def main():
    ours = json.loads(pathlib.Path(sys.argv[1]).read_text())
    path = pathlib.Path(sys.argv[2])
    torch = json.loads(path.read_text()) if path.exists() else {}
    ways = ["eager", "compiled", "graphed"]
    print("\n| | fovea | anchor | | ratio | goal |" + "".join(f" PyTorch {way} |" for way in ways))
    print("|---" * (6 + len(ways)) + "|")
    for row, r in ours.items():
        ratio = f"**{r['fovea'] / r['anchor']:.2f}**" if r["anchor"] else ""
        goal = f"{r['goal']:.2f}" if r["goal"] else ""
        other = torch.get(row, {})
        cells = [f"{time(other[w])} ({other[w] / r['fovea']:.1f} x)" if w in other else "" for w in ways]
        anchor = time(r["anchor"]) if r["anchor"] else ""
        print(f"| {row} | {time(r['fovea'])} | {anchor} | {r['what']} | {ratio} | {goal} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
