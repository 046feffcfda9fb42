#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times PyTorch, eager, on one thread, on the rows of ratios.py that it can do; prints {row: seconds} as JSON.

The sizes are sizes.hpp's. Each time is the median of several runs. Needs torch.
"""

import json
import statistics
import sys
import time

import torch
from torch.nn import functional

torch.set_num_threads(1)
torch.manual_seed(0)
ELEMENTS, ROWS, FEATURES, BATCH = 10_000_000, 49_147, 29, 128


def median(f, runs=7):
    f()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        f()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def focal(z, y, gamma):
    """torchvision's sigmoid_focal_loss without alpha, mean."""
    p = torch.sigmoid(z)
    bce = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    return (bce * (1 - (p * y + (1 - p) * (1 - y))) ** gamma).mean()


def value_and_gradient(loss):
    z = (torch.rand(ELEMENTS) * 16 - 8).requires_grad_()
    y = (torch.rand(ELEMENTS) < 1 / 7).float()

    def run():
        z.grad = None
        loss(z, y).backward()

    return median(run, 3)


def steps(loss, count=100):
    """One step: a batch gathered by index from the shuffled rows, forward, backward, Adam."""
    x, y = torch.rand(ROWS, FEATURES) * 2 - 1, (torch.rand(ROWS, 1) < 0.01).float()
    net = torch.nn.Sequential(torch.nn.Linear(29, 16), torch.nn.ReLU(), torch.nn.Linear(16, 8), torch.nn.ReLU(),
                              torch.nn.Linear(8, 1))
    adam = torch.optim.Adam(net.parameters(), 1e-3)

    def run():
        order = torch.randperm(ROWS)
        for i in range(count):
            rows = order[i * BATCH:(i + 1) * BATCH]
            adam.zero_grad(set_to_none=True)
            loss(net(x[rows]), y[rows]).backward()
            adam.step()

    return median(run, 5) / count


def predictions(rows=1_000_000):
    net = torch.nn.Sequential(torch.nn.Linear(29, 16), torch.nn.ReLU(), torch.nn.Linear(16, 8), torch.nn.ReLU(),
                              torch.nn.Linear(8, 1))
    x = torch.rand(rows, FEATURES)
    with torch.no_grad():
        return median(lambda: torch.sigmoid(net(x))), median(lambda: torch.sigmoid(net(x[:1])), 101)


def adam(rule):
    p = torch.rand(ELEMENTS, requires_grad=True)
    p.grad = torch.rand(ELEMENTS)
    optimizer = rule([p])
    return median(optimizer.step, 5)


def main():
    bce = functional.binary_cross_entropy_with_logits
    many, one = predictions()
    json.dump({
        "version": torch.__version__,
        "step<float>/bce": steps(bce),
        "step<float>/focal": steps(lambda z, y: focal(z, y, 4)),
        "value_and_gradient<float>/focal_2": value_and_gradient(lambda z, y: focal(z, y, 2)),
        "value_and_gradient<float>/focal_1_5": value_and_gradient(lambda z, y: focal(z, y, 1.5)),
        "value_and_gradient<float>/bce": value_and_gradient(bce),
        "value_and_gradient<float>/squared": value_and_gradient(functional.mse_loss),
        "update<float>/adam": adam(torch.optim.Adam),
        "update<float>/adamw": adam(torch.optim.AdamW),
        "predict/many_rows": many,
        "predict/one_row": one,
    }, sys.stdout)


if __name__ == "__main__":
    main()
