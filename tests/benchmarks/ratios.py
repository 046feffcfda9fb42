#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the benchmarks and prints fovea's times beside those of its anchors, as a Markdown table.

    ratios.py PROGRAM [--repetitions N] [--json FILE] [--torch PYTHON]

With --torch, that Python's PyTorch is timed afterwards on the rows that it can do (torch_rows.py). Program and anchors run interleaved, in random order, within one process; a ratio is that of the medians. The last column is
the goal of the row, where there is one. Nothing here decides anything: machines are shared, a ratio is what to look at.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

# (what, benchmark, anchor, anchor in words, anchor's share of one run, goal)
ROWS = [
    ("training step, BCE, gather included", "step<float>/bce", "products/step", "its eight cblas_sgemm calls", 1, 2.0),
    ("training step, focal loss, gather included", "step<float>/focal", "products/step", "its eight cblas_sgemm calls", 1, 2.0),
    ("the same in double", "step<double>/focal", "step<float>/focal", "the same in float", 1, 3.0),
    ("focal loss, gamma 2: value and gradient of 10^7", "value_and_gradient<float>/focal_2", "add", "a stream add", 1, 2.5),
    ("focal loss, gamma 1.5: value and gradient", "value_and_gradient<float>/focal_1_5", "add", "a stream add", 1, 2.5),
    ("BCE on logits: value and gradient", "value_and_gradient<float>/bce", "add", "a stream add", 1, 2.0),
    ("mean squared error: value and gradient", "value_and_gradient<float>/squared", "add", "a stream add", 1, 1.1),
    ("focal loss, gamma 2, in double", "value_and_gradient<double>/focal_2", "value_and_gradient<float>/focal_2", "the same in float", 1, 3.0),
    ("focal loss, gamma 2: value alone", "value/focal_2", "sum", "a stream sum", 1, None),
    ("Adam, 10^7 parameters", "update<float>/adam", "four_and_three", "a stream of 4 reads, 3 writes", 1, 1.15),
    ("AdamW, 10^7 parameters", "update<float>/adamw", "four_and_three", "a stream of 4 reads, 3 writes", 1, 1.15),
    ("step of 784-1024-1024-10, batch 512", "wide_step<float>/one_thread", "products/wide_step", "its products alone", 1, 1.05),
    ("prediction of 10^6 rows", "predict/many_rows", "products/predict", "its products, in batches of 512", 1e6 / 512, 1.5),
    ("prediction of one row", "predict/one_row", None, "", 1, None),
    ("a CSV table of 31 MB", "parse_csv", "from_chars", "std::from_chars alone", 1, 2.0),
]

UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


def shown(seconds):
    scale, unit = next(((s, u) for s, u in UNITS if seconds >= s), UNITS[-1])
    return f"{seconds / scale:.3g} {unit}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument("--json", help="keep Google Benchmark's own report here")
    parser.add_argument("--torch", metavar="PYTHON", help="time PyTorch too, by this Python")
    options = parser.parse_args()
    command = [options.program, "--benchmark_format=json", "--benchmark_enable_random_interleaving=true",
               f"--benchmark_repetitions={options.repetitions}", "--benchmark_min_time=0.05"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(done.stdout)
    report = json.loads(done.stdout)

    times = {}
    for run in report["benchmarks"]:
        if run["run_type"] != "iteration":
            continue
        unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[run["time_unit"]]
        times.setdefault(run["run_name"], []).append(run.get("seconds_each", run["cpu_time"] * unit))
    median = {name: statistics.median(all_of_it) for name, all_of_it in times.items()}

    torch = {}
    if options.torch:
        script = pathlib.Path(__file__).with_name("torch_rows.py")
        torch = json.loads(subprocess.run([options.torch, script], stdout=subprocess.PIPE, check=True).stdout)

    head = f" PyTorch {torch['version']} | times fovea's |" if torch else ""
    print(f"| | fovea | anchor | | ratio | goal |{head}\n|---|---|---|---|---|---|{'---|---|' if torch else ''}")
    for what, name, anchor, words, share, goal in ROWS:
        line = f"| {what} | {shown(median[name])} "
        if anchor:
            limit = median[anchor] * share
            line += f"| {shown(limit)} | {words} | **{median[name] / limit:.2f}** | {goal or ''} |"
        else:
            line += "| | | | | |"
        if torch:
            line += f" {shown(torch[name])} | {torch[name] / median[name]:.1f} |" if name in torch else " | |"
        print(line)


if __name__ == "__main__":
    main()
