#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares many runs of the published fraud experiment with PyTorch's.

    compare_with_torch.py runs.json

reads the output of `fraud_xtensor --mode published --runs 60 --json runs.json`:

    {"data": ..., "runs": [{"mode", "loss", "seed", "losses", "confusion": [[tn, fp], [fn, tp]],
                            "average_precision", "roc_auc", "seconds"}, ...]}

Means must lie within three standard errors of the difference from PyTorch's; the shares of runs that predict only 0 must
not differ by Fisher's exact test at 0.3 %. With eight comparisons, correct code fails about one time in fifty. Exits with
0 if all agree, 1 if not, 2 if the file cannot be used.
"""

import json
import math
import sys

# PyTorch 1.13 on the CPU, seeds 0 to 59, creditcard_subset.csv: trained and evaluated on the 12,287-row test split.
TORCH_RUNS = 60
NEGATIVES, POSITIVES = 12196, 91
TORCH = {
    "bce": {"all_zero": 19, "frauds found": (27.9, 23.5), "average precision": (0.668, 0.105),
            "ROC AUC": (0.906, 0.018), "false alarms": 2.35},
    "focal": {"all_zero": 5, "frauds found": (51.6, 17.9), "average precision": (0.766, 0.056),
              "ROC AUC": (0.936, 0.019), "false alarms": 6.73},
}
MEANS = ("frauds found", "average precision", "ROC AUC")
STANDARD_ERRORS = 3
LEAST_PROBABILITY = 0.003
LEAST_RUNS = 20  # fewer runs do not determine means with this spread


class Unusable(Exception):
    """The file lacks the data to compare; the message is a sentence for the user."""


def fisher(hits1, n1, hits2, n2):
    """Returns the two-sided p-value of Fisher's exact test: the probability of all tables at most as likely as this one."""
    hits = hits1 + hits2
    ways = [math.comb(n1, k) * math.comb(n2, hits - k) if k <= n1 and hits - k <= n2 else 0 for k in range(hits + 1)]
    return sum(w for w in ways if w <= ways[hits1]) / sum(ways)


def mean_and_deviation(values):
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def score(run, key):
    value = run.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise Unusable(f"The run of {run.get('loss')} with seed {run.get('seed')} has {key} {value}, "
                       "which is not a number from 0 to 1.")
    return value


def observe(run):
    """Returns the compared figures of one run."""
    matrix = run.get("confusion")
    cells = [c for row in matrix if isinstance(row, list) for c in row] if isinstance(matrix, list) else []
    if len(cells) != 4 or any(type(c) is not int or c < 0 for c in cells):
        raise Unusable(f"The run of {run.get('loss')} with seed {run.get('seed')} has no confusion matrix "
                       "[[tn, fp], [fn, tp]] of counts.")
    tn, fp, fn, tp = cells
    if (tn + fp, fn + tp) != (NEGATIVES, POSITIVES):
        raise Unusable(f"The run of {run.get('loss')} with seed {run.get('seed')} was evaluated on {tn + fp:,} normal "
                       f"rows and {fn + tp} frauds, PyTorch's on {NEGATIVES:,} and {POSITIVES}: this is not the same "
                       "data or not the published split.")
    return {"all_zero": tp + fp == 0, "frauds found": tp, "false alarms": fp,
            "average precision": score(run, "average_precision"), "ROC AUC": score(run, "roc_auc")}


def read(path):
    """Returns the published runs of each loss, after checking that they are comparable."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Unusable(f"{path} is not JSON: {error}.") from error
    runs = document.get("runs") if isinstance(document, dict) else None
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise Unusable(f'{path} has no list "runs" of objects.')
    published = [run for run in runs if run.get("mode") == "published"]
    for run in published:
        if run.get("loss") not in list(TORCH):
            raise Unusable(f"{path} has a published run of the loss {run.get('loss')!r}; known are "
                           f"{' and '.join(TORCH)}.")
    by_loss = {loss: [run for run in published if run["loss"] == loss] for loss in TORCH}
    for loss, group in by_loss.items():
        if len(group) < LEAST_RUNS:
            raise Unusable(f"{path} has {len(group)} published runs of {loss}; at least {LEAST_RUNS} are needed.")
        if len({json.dumps(run.get("seed")) for run in group}) < len(group):
            raise Unusable(f"{path} has several published runs of {loss} with the same seed, so they are not "
                           "independent.")
    return {loss: [observe(run) for run in group] for loss, group in by_loss.items()}


def compare(runs):
    """Prints the table and returns True if all figures agree."""
    line = "{:<6} {:<18} {:>16} {:>16}  {:<26} {}"
    print(line.format("loss", "figure", "fovea", "PyTorch", "difference", "").rstrip())
    agree = True
    for loss, observed in runs.items():
        n, torch = len(observed), TORCH[loss]
        zeros = sum(o["all_zero"] for o in observed)
        p = fisher(zeros, n, torch["all_zero"], TORCH_RUNS)
        rows = [("all predictions 0", f"{zeros} of {n}", f"{torch['all_zero']} of {TORCH_RUNS}",
                 f"Fisher p = {p:.4f}", p >= LEAST_PROBABILITY)]
        for figure in MEANS:
            mean, deviation = mean_and_deviation([o[figure] for o in observed])
            torch_mean, torch_deviation = torch[figure]
            error = math.sqrt(deviation ** 2 / n + torch_deviation ** 2 / TORCH_RUNS)
            distance = (mean - torch_mean) / error
            digits = 1 if figure == "frauds found" else 3
            rows.append((figure, f"{mean:.{digits}f} ({deviation:.{digits}f})",
                         f"{torch_mean:.{digits}f} ({torch_deviation:.{digits}f})",
                         f"{distance:+.2f} standard errors", abs(distance) <= STANDARD_ERRORS))
        alarms, _ = mean_and_deviation([o["false alarms"] for o in observed])
        rows.append(("false alarms", f"{alarms:.2f}", f"{torch['false alarms']:.2f}", "for information", None))
        for figure, ours, theirs, difference, passed in rows:
            verdict = {True: "agrees", False: "DIFFERS", None: ""}[passed]
            print(line.format(loss, figure, ours, theirs, difference, verdict).rstrip())
            agree = agree and passed is not False
    return agree


def main(arguments):
    if arguments in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if len(arguments) != 1:
        print("Give one file, the JSON written by the fraud example: compare_with_torch.py runs.json", file=sys.stderr)
        return 2
    try:
        agree = compare(read(arguments[0]))
    except Unusable as problem:
        print(problem, file=sys.stderr)
        return 2
    print("The runs agree with PyTorch's." if agree else "The runs do not agree with PyTorch's.")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
