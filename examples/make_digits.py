#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes scikit-learn's 1,797 digits, for 07_digits: python3 make_digits.py digits.csv"""
import sys

import sklearn.datasets

digits = sklearn.datasets.load_digits()
with open(sys.argv[1], "w") as to:
    to.write(",".join([f"p{i}" for i in range(64)] + ["class"]) + "\n")
    to.writelines(",".join(f"{v:g}" for v in (*x, y)) + "\n" for x, y in zip(digits.data, digits.target))
