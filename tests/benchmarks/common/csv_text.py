# SPDX-License-Identifier: MIT
"""inputs.hpp's table."""

import itertools

import sizes


def make():
    numbers = (i * 2654435761 % 4194301 / 1048573 - 2 for i in range(sizes.csv_rows * sizes.csv_columns))
    lines = [",".join(f"c{c}" for c in range(sizes.csv_columns))]
    lines += [",".join(f"{x:.13f}" for x in itertools.islice(numbers, sizes.csv_columns)) for _ in range(sizes.csv_rows)]
    return "\n".join(lines + [""]).encode()
