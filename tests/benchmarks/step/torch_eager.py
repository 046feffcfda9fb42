# SPDX-License-Identifier: MIT
import sizes
import with_torch
from with_torch import torch

STEPS = 100


def epoch(loss, wrap):
    """Each step gathers a batch by index from the shuffled rows, then runs forward, backward and Adam."""
    x, y = torch.rand(sizes.rows, sizes.features) * 2 - 1, (torch.rand(sizes.rows, 1) < 0.01).float()
    net = with_torch.network(sizes.widths)
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    forward, update = wrap(lambda x, y: loss(net(x), y)), with_torch.optimizer_step(adam, wrap)

    def run():
        order = torch.randperm(sizes.rows)
        for i in range(STEPS):
            rows = order[i * sizes.batch:(i + 1) * sizes.batch]
            adam.zero_grad(set_to_none=True)
            forward(x[rows], y[rows]).backward()
            update()

    return run, STEPS


def rows(wrap):
    return {"bce": epoch(with_torch.bce, wrap), "focal": epoch(with_torch.focal(4), wrap)}


if __name__ == "__main__":
    with_torch.main(rows)
