// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/scalar/is_finite.hpp>

namespace fovea {

/// A sum that also accumulates its rounding errors (Neumaier 1974): accurate to about one rounding for any number of terms.
///
///     fovea::compensated_sum sum;
///     for (double const x : {1e100, 1.0, -1e100}) sum += x;
///     sum.value();  // 1
struct compensated_sum {
  double sum = 0, error = 0;

  void operator+=(double term) {
    auto const total = sum + term;
    error += std::abs(sum) >= std::abs(term) ? (sum - total) + term : (term - total) + sum;
    sum = total;
  }
  /// The sum; infinite if the terms or their sum are too large, which leaves an error of nan.
  double value() const { return detail::is_finite(error) ? sum + error : sum; }
};

}  // namespace fovea
