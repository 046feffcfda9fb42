# SPDX-License-Identifier: MIT
import sizes
import with_torch
from with_torch import torch


def rows(wrap):
    x = torch.rand(sizes.wide_batch, sizes.wide_widths[0]) * 2 - 1
    y = (torch.rand(sizes.wide_batch, sizes.wide_widths[-1]) < 0.01).float()
    net = with_torch.network(sizes.wide_widths)
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    forward, update = wrap(lambda x, y: with_torch.bce(net(x), y)), with_torch.optimizer_step(adam, wrap)

    def run():
        adam.zero_grad(set_to_none=True)
        forward(x, y).backward()
        update()

    return {"wide": run}


if __name__ == "__main__":
    with_torch.main(rows)
