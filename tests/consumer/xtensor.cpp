// SPDX-License-Identifier: MIT
// xtensor_other.cpp computes the same value in the same program, compiled for another instruction set.
#include <cmath>

#include "xtensor_mean.hpp"

double other_mean();

int main() {
  double const expected = (std::log1p(std::exp(1.0)) + 4 * std::log(2.0)) / 5;
  if (std::abs(xtensor_mean() - expected) > 1e-14) return 1;
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2")) return 0;
#endif
  return std::abs(other_mean() - expected) > 1e-14 ? 2 : 0;
}
