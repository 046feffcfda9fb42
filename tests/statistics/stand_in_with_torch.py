#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains PyTorch networks on the synthetic stand-in and compares the results with those on the real rows.

    stand_in_csv > stand_in.csv
    stand_in_with_torch.py stand_in.csv [--runs 20]

Preprocessing, network, split and training are the fraud example's (Adam 1e-3, batches of 128, 2 epochs), in both modes.
Beside each mean, the table shows PyTorch's spread on the real rows: mean and two standard deviations of 60 runs for the
published mode, the range of 5 runs for the corrected one, both on the subset of 61,434 real rows. Recall is the share
of the test split's frauds. Needs numpy and torch.
"""

import argparse

import numpy as np
import torch
from torch.nn import functional

# (mode, loss): the ranges of recall and average precision on the real rows
FRAUDS = 91
REAL = {
    ("published", "bce"): ((27.9 / FRAUDS, 23.5 / FRAUDS), (0.668, 0.105)),
    ("published", "focal"): ((51.6 / FRAUDS, 17.9 / FRAUDS), (0.766, 0.056)),
    ("corrected", "bce"): ((71 / FRAUDS, 75 / FRAUDS), (0.814, 0.846)),
    ("corrected", "focal"): ((71 / FRAUDS, 75 / FRAUDS), (0.833, 0.853)),
}


def spread(mode, pair):
    return (max(0, pair[0] - 2 * pair[1]), min(1, pair[0] + 2 * pair[1])) if mode == "published" else pair


def average_precision(probabilities, targets):
    order = np.argsort(-probabilities, kind="stable")
    p, y = probabilities[order], targets[order]
    last = np.r_[p[1:] != p[:-1], True]  # equal scores share a threshold
    found, called = np.cumsum(y)[last], np.arange(1, len(y) + 1)[last]
    return float(np.sum(np.diff(np.r_[0, found]) * found / called) / y.sum())


def train(x, y, loss, seed):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(29, 16), torch.nn.ReLU(), torch.nn.Linear(16, 8), torch.nn.ReLU(),
                              torch.nn.Linear(8, 1))
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    for _ in range(2):
        order = torch.randperm(len(x))
        for rows in order.split(128):
            bce = functional.binary_cross_entropy_with_logits(net(x[rows]), y[rows], reduction="none")
            value = bce if loss == "bce" else (1 - torch.exp(-bce)) ** 4 * bce
            adam.zero_grad()
            value.mean().backward()
            adam.step()
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv")
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(1)

    with open(options.csv, encoding="utf-8") as file:
        names = [name.strip('" \n') for name in file.readline().split(",")]
        table = np.loadtxt((line.replace('"', "") for line in file), delimiter=",")
    at = {name: i for i, name in enumerate(names)}
    x = np.concatenate([table[:, [at[f"V{i}"] for i in range(1, 29)]], np.log(table[:, [at["Amount"]]] + 0.001)], 1)
    x, y = torch.from_numpy(x.astype(np.float32)), torch.from_numpy(table[:, [at["Class"]]].astype(np.float32))
    order = np.random.RandomState(0).permutation(len(x))  # train_test_split(test_size=0.2, random_state=0)
    tests = int(np.ceil(0.2 * len(x)))
    test, training = order[:tests], order[tests:]
    frauds = y[test].numpy()[:, 0]
    print(f"{len(x):,} rows; test split of {tests:,} rows with {int(frauds.sum())} frauds; {options.runs} runs each")
    print(f"{'':18} {'all zeros':>9}  {'recall':>6} {'(sd)':>6} {'real rows':>12}  {'AP':>6} {'(sd)':>6} {'real rows':>12}")

    outside = []
    for (mode, loss), real in REAL.items():
        rows = test if mode == "published" else training
        found = []
        for seed in range(options.runs):
            net = train(x[rows], y[rows], loss, seed)
            with torch.no_grad():
                p = torch.sigmoid(net(x[test])).numpy()[:, 0]
            found.append(((p > 0.5).any(), ((p > 0.5) & (frauds == 1)).sum() / frauds.sum(), average_precision(p, frauds)))
        zeros = sum(not some for some, _, _ in found)
        line = f"{mode:9} {loss:8} {zeros:4} of {options.runs:<2}"
        for name, column, pair in (("recall", 1, real[0]), ("AP", 2, real[1])):
            values = np.array([f[column] for f in found])
            low, high = spread(mode, pair)
            line += f"  {values.mean():6.3f} {values.std(ddof=1):6.3f} {low:6.3f}-{high:.3f}"
            if not low <= values.mean() <= high:
                outside.append(f"{mode} {loss}: {name} {values.mean():.3f} is outside {low:.3f} to {high:.3f}")
        print(line, flush=True)
    print("\n".join(outside) if outside else "All means lie within the real rows' spread.")


if __name__ == "__main__":
    main()
