# SPDX-License-Identifier: MIT
import sizes
import with_torch
from with_torch import torch

TIMES = 100


def rows(wrap):
    torch.set_grad_enabled(False)  # must precede any compilation
    net = with_torch.network(sizes.widths)
    x = torch.rand(sizes.predicted_rows, sizes.features) * 2 - 1
    first = x[:1]
    # One compiled function per shape: a function compiled for several shapes is slower.
    many, one = wrap(lambda x: torch.sigmoid(net(x))), wrap(lambda x: torch.sigmoid(net(x)))

    def run_one():
        for _ in range(TIMES):
            one(first)

    return {"10^6 rows": lambda: many(x), "one row": (run_one, TIMES)}


if __name__ == "__main__":
    with_torch.main(rows)
