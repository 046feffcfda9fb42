# SPDX-License-Identifier: MIT
"""Generates the same table as inputs.hpp."""

import itertools
import pathlib
import tempfile

import sizes


def file():
    """Uses a file name different from the C++ programs', so that no program reads a half-written file of another."""
    path = pathlib.Path(tempfile.gettempdir(), "fovea_benchmark_python.csv")
    numbers = (i * 2654435761 % 4194301 / 1048573 - 2 for i in range(sizes.csv_rows * sizes.csv_columns))
    lines = [",".join(f"c{c}" for c in range(sizes.csv_columns))]
    lines += [",".join(f"{x:.13f}" for x in itertools.islice(numbers, sizes.csv_columns)) for _ in range(sizes.csv_rows)]
    path.write_text("\n".join(lines + [""]), encoding="utf-8")
    return path
