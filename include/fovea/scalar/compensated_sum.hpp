// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace fovea {

/// A sum whose rounding errors are summed as well (Neumaier 1974): right to about one rounding, however many terms.
struct compensated_sum {
  double sum = 0, error = 0;

  void operator+=(double term) {
    auto const total = sum + term;
    error += std::abs(sum) >= std::abs(term) ? (sum - total) + term : (term - total) + sum;
    sum = total;
  }
  double value() const { return sum + error; }
};

}  // namespace fovea
