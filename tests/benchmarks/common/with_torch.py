# SPDX-License-Identifier: MIT
"""Common code of the PyTorch competitors; `main` runs a problem's rows, eager or compiled."""

import sys

import sizes
import timing

try:
    import torch
    from torch.nn import functional
except ImportError as missing:
    sys.exit(f"{missing}: pip install torch, and name that Python to --python")

bce = functional.binary_cross_entropy_with_logits


def focal(gamma):
    """torchvision's sigmoid_focal_loss without alpha, reduced to the mean."""

    def loss(z, y):
        p = torch.sigmoid(z)
        each = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        return (each * (1 - (p * y + (1 - p) * (1 - y))) ** gamma).mean()

    return loss


def network(widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(i, o), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def value_and_gradient(loss, z, y, wrap):
    z.requires_grad_()
    loss = wrap(loss)

    def run():
        z.grad = None
        loss(z, y).backward()

    return run


def logits():
    return torch.rand(sizes.elements) * 16 - 8


def targets():
    return (torch.rand(sizes.elements) < 1 / 7).float()


def optimizer_step(optimizer, wrap):
    """Wraps the call in a lambda, the way PyTorch's documentation compiles an optimizer."""
    return wrap(lambda: optimizer.step())


def main(rows, compiled=False):
    options = timing.options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if compiled and not hasattr(torch, "compile"):
        sys.exit(f"PyTorch {torch.__version__} has no torch.compile: name a Python with PyTorch 2 to --python")
    wrap = torch.compile if compiled else lambda f: f
    timing.answer(options.seconds, f"PyTorch {torch.__version__.split('+')[0]}", rows(wrap))
