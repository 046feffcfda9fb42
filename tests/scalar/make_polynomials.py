#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the minimax coefficients of fovea's own exp and log1p (needs mpmath), lowest power first, with the largest relative
error of the function before rounding.

exp(r) = 1 + r + r^2 Q(r) for |r| <= log(2) / 2; 2 atanh(t) = 2 t + 2 t u A(u) with u = t^2 <= 1 / 9. By the Remez algorithm.
"""

from mpmath import atanh, cos, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60


def minimax(f, weight, a, b, degree):
    """Returns the coefficients of the polynomial that minimizes max |weight (p - f)| on [a, b], and that error."""
    places = [(a + b) / 2 - (b - a) / 2 * cos(pi * k / (degree + 1)) for k in range(degree + 2)]
    grid = [a + (b - a) * mpf(i) / 600 for i in range(601)]
    for _ in range(12):
        system, right = matrix(degree + 2, degree + 2), matrix(degree + 2, 1)
        for i, x in enumerate(places):
            for j in range(degree + 1):
                system[i, j] = x**j
            system[i, degree + 1] = (-1) ** i / weight(x)
            right[i] = f(x)
        c = list(lu_solve(system, right))[:-1]
        errors = [weight(x) * (sum(cj * x**j for j, cj in enumerate(c)) - f(x)) for x in grid]
        extrema = []
        for x, e in zip(grid, errors):
            if extrema and (e > 0) == (extrema[-1][1] > 0):
                if abs(e) > abs(extrema[-1][1]):
                    extrema[-1] = (x, e)
            else:
                extrema.append((x, e))
        if len(extrema) < degree + 2:
            break
        while len(extrema) > degree + 2:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        places = [x for x, _ in extrema]
    return c, max(map(abs, errors))


def exp_rest(r):
    return (exp(r) - 1 - r) / r**2 if abs(r) > mpf(10) ** -15 else mpf(1) / 2 + r / 6


def atanh_rest(u):
    t = sqrt(u)
    return (atanh(t) / t - 1) / u if u > mpf(10) ** -20 else mpf(1) / 3


def show(name, fitted):
    coefficients, error = fitted
    print(f"{name}, relative error {nstr(error, 3)}:")
    for c in coefficients:
        print(f"  {nstr(c, 17)}")


least = mpf(10) ** -30
half = log(2) / 2 * mpf("1.001")  # slightly wider than the range after argument reduction with rounding
for digits, degree in (("float", 4), ("double", 9)):
    show(f"exp, {digits}", minimax(exp_rest, lambda r: r * r / exp(r) + least, -half, half, degree))
for digits, degree in (("float", 3), ("double", 9)):
    show(f"atanh, {digits}", minimax(atanh_rest, lambda u: u + least, mpf(0), mpf(1) / 9, degree))
