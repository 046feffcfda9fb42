// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "evaluated.hpp"

/// PyTorch's binary cross-entropy on a probability: logarithms are clamped at -100, the divisor of the derivatives at 1e-12.
inline truth held_cross_entropy(accuracy::exact p, accuracy::exact y) {
  using accuracy::exact;
  exact const log_p = std::max(std::log(p), -100.0L), log_q = std::max(std::log1p(-p), -100.0L);
  exact const floor = std::max(p * (1 - p), 1e-12L);
  truth t{-(y * log_p + (1 - y) * log_q), (p - y) / floor, ((p - y) * (p - y) + y * (1 - y)) / (floor * floor)};
  return t;
}

/// True if PyTorch's fixture is not NaN and its divisor is not clamped.
struct unheld {
  std::vector<double> const& p;
  std::vector<double> const& expected;
  bool operator()(std::size_t i) const { return p[i] * (1 - p[i]) >= 1e-12 && !std::isnan(expected[i]); }
};
