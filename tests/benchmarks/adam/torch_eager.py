# SPDX-License-Identifier: MIT
import sizes
import with_torch
from with_torch import torch


def updates(rule, wrap):
    p = torch.rand(sizes.elements, requires_grad=True)
    p.grad = torch.rand(sizes.elements)
    return with_torch.optimizer_step(rule([p], 1e-3), wrap)


def rows(wrap):
    return {"adam": updates(torch.optim.Adam, wrap), "adamw": updates(torch.optim.AdamW, wrap)}


if __name__ == "__main__":
    with_torch.main(rows)
