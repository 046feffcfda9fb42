#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes the constants of stand_in_moments.hpp from the credit-card table (needs numpy).

    python3 make_stand_in.py creditcard.csv > stand_in_moments.hpp

The columns are V1..V28 and log(Amount + 0.001). Normal rows are one population; frauds are a mixture of three, fitted
by expectation maximization. The component of faint frauds has the normal rows' covariance and a fixed share.
"""
import sys

import numpy as np

FAINT_SHARE = 60 / 492  # share of the frauds, chosen so that networks find as many synthetic frauds as real ones
RIDGE = 1e-2  # added to the variances of the other two components, which have few rows for covariances of 29 columns


def log_density(rows, mean, covariance):
    factor = np.linalg.cholesky(covariance)
    z = np.linalg.solve(factor, (rows - mean).T)
    return -0.5 * (z * z).sum(axis=0) - np.log(np.diag(factor)).sum()


def fit_frauds(frauds, normal_mean, normal_covariance, iterations=500):
    """Returns the shares, means and covariances of the faint, the mild and the severe frauds."""
    rank = log_density(frauds, normal_mean, normal_covariance).argsort()[::-1].argsort() / len(frauds)
    share = np.array([FAINT_SHARE, 0.5 - FAINT_SHARE, 0.5])
    belongs = np.stack([rank < share[0], (rank >= share[0]) & (rank < 0.5), rank >= 0.5])
    for _ in range(iterations):
        means = [np.average(frauds, axis=0, weights=weight) for weight in belongs]
        covariances = [np.cov(frauds.T, aweights=weight, ddof=0) + RIDGE * np.eye(29) for weight in belongs]
        covariances[0] = normal_covariance
        density = np.stack([log_density(frauds, m, c) for m, c in zip(means, covariances)]) + np.log(share)[:, None]
        belongs = np.exp(density - density.max(axis=0))
        belongs /= belongs.sum(axis=0)
        others = belongs[1:].sum(axis=1)
        share[1:] = (1 - FAINT_SHARE) * others / others.sum()
    return share, means, covariances


def braces(values):
    line, lines = "       ", ["{"]
    for value in values:
        text = f" {value:.4g},"
        if len(line + text) > 120:
            lines.append(line)
            line = "       "
        line += text
    return "\n".join(lines + [line, "    }"])


def factor(covariance):
    return braces(np.linalg.cholesky(covariance)[np.tril_indices(29)])


def population(name, comment, largest_amount, mean, factor):
    return f"""\
// {comment}
inline constexpr population {name}{{
    .largest_amount = {largest_amount},
    .mean = {braces(mean)},
    .factor = {factor},
}};
"""


HEADER = """\
// SPDX-License-Identifier: MIT
// Written by make_stand_in.py: do not edit.
#pragma once

#include <array>
#include <cstddef>

// clang-format off

namespace fraud {

/// V1..V28 and log(Amount + 0.001) of similar rows of the real table.
struct population {
  static constexpr std::size_t width = 29;

  double largest_amount;
  std::array<double, width> mean;
  std::array<double, width * (width + 1) / 2> factor;  // Cholesky's, of the covariance: the lower triangle, row by row
};
"""


def main(path):
    rows = np.genfromtxt(path, delimiter=",", skip_header=1)
    amount, is_fraud = rows[:, 29], rows[:, 30] == 1
    features = np.column_stack([rows[:, 1:29], np.log(amount + 0.001)])
    normal = features[~is_fraud].mean(axis=0), np.cov(features[~is_fraud].T)
    share, means, covariances = fit_frauds(features[is_fraud], *normal)
    largest = amount[~is_fraud].max(), amount[is_fraud].max()
    faint, mild, severe = [f"{s:.1%} of {is_fraud.sum()} frauds" for s in share]
    print(HEADER)
    print(population("normal", f"{(~is_fraud).sum()} normal rows", largest[0], normal[0], factor(normal[1])))
    print(population("faint_fraud", faint, largest[1], means[0], "normal.factor"))
    print(population("mild_fraud", mild, largest[1], means[1], factor(covariances[1])))
    print(population("severe_fraud", severe, largest[1], means[2], factor(covariances[2])))
    print("}  // namespace fraud")


if __name__ == "__main__":
    main(sys.argv[1])
