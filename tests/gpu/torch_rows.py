#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times PyTorch on the rows of benchmarks.cu: eager, compiled, and as a CUDA graph; prints JSON {row: {way: seconds}}.

A way that this PyTorch version does not support is reported on stderr and left out.
"""
import json
import statistics
import sys

import torch
from torch.nn import functional

DEVICE = torch.device("cuda")
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False


def seconds(run, calls=20):
    """Returns the median time of one call by CUDA events, measured over queued batches of calls."""
    times = []
    for _ in range(9):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(calls):
            run()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1e-3 / calls)
    return statistics.median(times)


def graphed(run):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def ways(make, calls=20):
    """Times make(way) for each way. The ways are independent: a failing one is skipped."""
    found = {}
    for way in ("eager", "compiled", "graphed"):
        try:
            run = make(way)
            run()
            found[way] = seconds(graphed(run) if way == "graphed" else run, calls)
        except Exception as error:  # not supported by this version
            print(f"torch_rows.py: {way}: {str(error).splitlines()[0] if str(error) else type(error)}", file=sys.stderr)
        torch.cuda.empty_cache()
    return found


def focal(z, y, gamma=2.0):
    """torchvision's sigmoid_focal_loss without alpha, mean."""
    p = torch.sigmoid(z)
    bce = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    return (bce * (1 - (p * y + (1 - p) * (1 - y))) ** gamma).mean()


def focal_pass(way):
    z = (torch.rand(2**28, device=DEVICE) * 16 - 8).requires_grad_()
    y = torch.rand(2**28, device=DEVICE)
    loss = torch.compile(focal) if way == "compiled" else focal

    def run():
        z.grad = None
        loss(z, y).backward()

    return run


def step(widths, batch):
    def make(way):
        layers = []
        for n, m in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(n, m), torch.nn.ReLU()]
        net = torch.nn.Sequential(*layers[:-1]).to(DEVICE)
        adam = torch.optim.Adam(net.parameters(), 1e-3, capturable=way == "graphed")  # eager is slower with it
        x = torch.rand(batch * 64, widths[0], device=DEVICE)
        y = torch.rand(batch * 64, widths[-1], device=DEVICE)
        rows = torch.randperm(batch * 64, device=DEVICE)[:batch]

        def plain(a, b):
            return focal(net(a), b)

        forward = torch.compile(plain) if way == "compiled" else plain

        def run():
            adam.zero_grad(set_to_none=True)
            forward(x[rows], y[rows]).backward()
            adam.step()

        return run

    return make


def main():
    published = ways(step([29, 16, 8, 1], 128), calls=100)
    rows = {
        "focal loss, gamma 2: value and gradient of 2^28": ways(focal_pass, calls=3),
        "training step of 29-16-8-1": published,
        "the same, captured": published,
        "step of 784-4096-4096-10, batch 512": ways(step([784, 4096, 4096, 10], 512)),
    }
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
