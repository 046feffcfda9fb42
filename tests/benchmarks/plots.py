#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plots the measurements of compare.py and scaling.py: plots.py COMPARE.json SCALING.json FOLDER"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.hashsalt": "fovea", "axes.spines.top": False, "axes.spines.right": False, "font.size": 9}
from matplotlib import pyplot  # noqa: E402

from compare import NAMES  # noqa: E402
from scaling import SERIES  # noqa: E402

COLOURS = {"fovea": "black", "limit": "0.6", "by_hand": "tab:brown", "eigen": "tab:green", "libtorch": "tab:purple",
           "dlib": "tab:pink", "torch_eager": "tab:orange", "torch_compiled": "tab:red", "by_pandas": "tab:blue",
           "by_numpy": "tab:cyan"}


def save(figure, folder, name):
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)


def side_by_side(report, folder):
    """Plots each row's competitors on one line, with their time as a multiple of fovea's."""
    rows = [row for row in report["rows"] if len(row["competitors"]) > 1]
    figure, axes = pyplot.subplots(figsize=(9, 0.42 * len(rows) + 1))
    for y, row in enumerate(rows):
        axes.axhline(y, color="0.9", zorder=0)
        for name, competitor in row["competitors"].items():
            axes.plot(competitor["to_fovea"], y, "|" if name in ("fovea", "limit") else "o", color=COLOURS[name],
                      markersize=14 if name in ("fovea", "limit") else 6, markeredgewidth=2,
                      label={"fovea": "fovea", "limit": "limit"}.get(name, NAMES.get(name)))
    handles = dict(zip(*reversed(axes.get_legend_handles_labels())))
    axes.legend(handles.values(), handles.keys(), loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5, frameon=False)
    axes.set_yticks(range(len(rows)), [row["what"] for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("time, as a multiple of fovea's (right is slower)")
    save(figure, folder, "side_by_side")


def lines(series, names, folder, name, each, ylabel):
    figure, axes = pyplot.subplots(figsize=(5, 3.2))
    for what in names:
        points = series.get(what, [])
        axes.plot([p["size"] for p in points], [each(p) for p in points], "o-", markersize=3, label=SERIES[what][1])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylabel(ylabel)
    axes.grid(color="0.92")
    axes.legend(frameon=False, fontsize=8)
    save(figure, folder, name)


def softmax(points, folder):
    figure, axes = pyplot.subplots(figsize=(5, 3.2))
    for key, label in (("seconds", "fovea"), ("loop", "plain loop")):
        axes.plot([p["size"] for p in points], [p[key] / p["elements"] * 1e9 for p in points], "o-", markersize=3,
                  label=label)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(SERIES["softmax"][1])
    axes.set_ylabel("ns an element")
    axes.grid(color="0.92")
    axes.legend(frameon=False, fontsize=8)
    save(figure, folder, "scaling_softmax")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    side_by_side(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), folder)
    series = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
    def seconds(p):
        return p["seconds"]

    lines(series, ("batch", "width"), folder, "scaling_step", seconds, "seconds a step")
    lines(series, ("epoch",), folder, "scaling_epoch", seconds, "seconds an epoch")
    lines(series, ("focal", "bce", "squared"), folder, "scaling_losses", lambda p: p["seconds"] / p["size"] * 1e9,
          "ns an element")
    softmax(series["softmax"], folder)


if __name__ == "__main__":
    main()
