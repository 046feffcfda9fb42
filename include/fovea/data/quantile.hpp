// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace fovea::detail {

inline std::vector<double> sorted(std::span<double const> numbers) {
  std::vector<double> result(numbers.begin(), numbers.end());
  std::sort(result.begin(), result.end());
  return result;
}

/// Returns the quantile of sorted numbers for a share in [0, 1], by linear interpolation: NumPy's method "linear".
inline double quantile(std::vector<double> const& sorted_numbers, double share) {
  auto const place = share * static_cast<double>(sorted_numbers.size() - 1);
  auto const below = static_cast<std::size_t>(place);
  auto const above = (std::min)(below + 1, sorted_numbers.size() - 1);
  auto const a = sorted_numbers[below], b = sorted_numbers[above], t = place - std::floor(place);
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

/// Returns the median of sorted numbers: of an even count, the mean of the two in the middle.
inline double median(std::vector<double> const& sorted_numbers) {
  auto const n = sorted_numbers.size();
  auto const upper = sorted_numbers[n / 2];
  return n % 2 == 1 ? upper : sorted_numbers[n / 2 - 1] / 2 + upper / 2;
}

}  // namespace fovea::detail
