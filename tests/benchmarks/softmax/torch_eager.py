# SPDX-License-Identifier: MIT
import sizes
import with_torch
from with_torch import functional, torch


def rows(wrap):
    z = torch.rand(sizes.softmax_rows, sizes.softmax_classes) * 16 - 8
    y = torch.randint(sizes.softmax_classes, (sizes.softmax_rows,))
    return {"softmax": with_torch.value_and_gradient(functional.cross_entropy, z, y, wrap)}


if __name__ == "__main__":
    with_torch.main(rows)
