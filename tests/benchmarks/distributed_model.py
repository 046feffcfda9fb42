#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cost of a step on up to 1,024 ranks: a model on paper, and a simulation that replays the messages.

    python3 tests/benchmarks/distributed_model.py [--parameters N] [--latency S] [--bandwidth B] [--row S] [--batch N]

Model: a message of n bytes takes latency + n / bandwidth, every rank sends and receives at once, no message disturbs another,
additions are free, and a rank computes its share of the rows at a constant speed. The simulation sends each message between clocks
of its ranks, checks that every rank ends with each rank's contribution once, and counts bytes and rounds; the program fails if it
and the formulas differ. `exchange` is fovea's own code (data_parallel.hpp); tests/distributed/data_parallel.cpp counts the numbers
that it sends on 2, 4 and 8 ranks. A library's all-reduce is taken to be Rabenseifner's: halves, then their way back.
"""
import argparse
import math
import sys

TAIL = 32  # bytes of the loss, its divisor, whether it was counted, and the number of parts with rows


class Ranks:
    """Ranks with clocks. have[r][s] are the ranks whose contributions to slice s of the gradient rank r has added up."""

    def __init__(self, ranks, size, latency, bandwidth):
        self.n, self.size, self.latency, self.bandwidth = ranks, size, latency, bandwidth
        self.clock = [0.0] * ranks
        self.have = [[1 << r] * ranks for r in range(ranks)]
        self.sent, self.rounds = [0] * ranks, 0

    def round(self, distance, sends, tail):
        """Rank r and r ^ distance send each other the slices that sends(r) lists; returns what each receives."""
        received, clock = [None] * self.n, [0.0] * self.n
        for r in range(self.n):
            partner = r ^ distance
            slices = sends(partner)
            received[r] = {s: self.have[partner][s] for s in slices}
            bytes_ = len(slices) * self.size / self.n + tail
            self.sent[partner] += bytes_
            clock[r] = max(self.clock[r], self.clock[partner]) + self.latency + bytes_ / self.bandwidth
        self.clock, self.rounds = clock, self.rounds + 1
        return received

    def add(self, received):
        for r, slices in enumerate(received):
            for s, of in slices.items():
                assert self.have[r][s] & of == 0, "a contribution twice"
                self.have[r][s] |= of

    def take(self, received):
        for r, slices in enumerate(received):
            for s, of in slices.items():
                self.have[r][s] = of

    def whole(self):
        """The reproducible sum: whole gradients, at distances 1, 2, 4, ..."""
        for k in range(self.n.bit_length() - 1):
            self.add(self.round(1 << k, lambda r: range(self.n), TAIL))

    def halves(self, tail):
        """The same for the owned slices: what the partner will own travels."""
        for k in range(self.n.bit_length() - 1):
            d = 1 << k
            self.add(self.round(d, lambda r: range((r ^ d) % (2 * d), self.n, 2 * d), tail))

    def gather(self):
        """Back: the slices that a rank has, which double with each round."""
        for k in reversed(range(self.n.bit_length() - 1)):
            d = 1 << k
            self.take(self.round(d, lambda r: range(r % (2 * d), self.n, 2 * d), 0))

    def complete(self, owned_only=False):
        all_ranks = (1 << self.n) - 1
        return all(self.have[r][s] == all_ranks for r in range(self.n) for s in ([r] if owned_only else range(self.n)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parameters", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=2e-6, help="seconds of a message")
    parser.add_argument("--bandwidth", type=float, default=10e9, help="bytes a second")
    parser.add_argument("--row", type=float, default=1e-6, help="seconds that a rank computes for a row")
    parser.add_argument("--batch", type=int, default=65_536, help="rows of a step, of all ranks (strong scaling)")
    o = parser.parse_args()
    size = 4 * o.parameters
    print(f"{o.parameters} float parameters, {o.latency * 1e6:g} us, {o.bandwidth / 1e9:g} GB/s, {o.row * 1e6:g} us a row")
    print("                  fast                 reproducible             sharded, reproducible       speed-up, strong")
    print("ranks   rounds   bytes      us    rounds   bytes      us    rounds   bytes      us       fast  reproducible")
    wrong = 0
    for k in range(1, 11):
        p = 1 << k
        part = 1 - 1 / p
        kinds = {
            "fast": (lambda s: (s.halves(TAIL), s.gather()), 2 * k, 2 * size * part + k * TAIL),
            "reproducible": (lambda s: s.whole(), k, k * (size + TAIL)),
            "sharded": (lambda s: (s.halves(TAIL), s.gather()), 2 * k, 2 * size * part + k * TAIL),
        }
        line, seconds = f"{p:5}", {}
        for name, (play, rounds, bytes_) in kinds.items():
            ranks = Ranks(p, size, o.latency, o.bandwidth)
            play(ranks)
            paper = rounds * o.latency + bytes_ / o.bandwidth
            right = ranks.complete() and ranks.rounds == rounds and all(
                math.isclose(sent, bytes_, rel_tol=1e-12) for sent in ranks.sent) and all(
                    math.isclose(at, paper, rel_tol=1e-9) for at in ranks.clock)
            if not right:
                wrong += 1
                print(f"{name} on {p} ranks: the simulation has {ranks.rounds} rounds, {ranks.sent[0]:.0f} bytes, "
                      f"{ranks.clock[0] * 1e6:.2f} us; the model {rounds}, {bytes_:.0f}, {paper * 1e6:.2f}")
            seconds[name] = paper
            line += f"   {rounds:6} {bytes_:9.3g} {paper * 1e6:7.1f}"
        one = o.batch * o.row
        for name in ("fast", "reproducible"):
            line += f"   {one / (one / p + seconds[name]):9.1f}"
        print(line)
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
