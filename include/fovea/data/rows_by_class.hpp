// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Returns one list of row numbers per class; the classes, and the rows of each, are in ascending order.
/// Throws `numeric_error`, with a message that begins with `who`, if a class is not finite.
template <numbers Y> std::vector<std::vector<std::size_t>> rows_by_class(std::string const& who, Y const& classes) {
  auto const of = fovea::numbers_of(classes);
  std::vector<std::size_t> order(of.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (auto row : order)
    if (auto const found = static_cast<double>(of[row]); !detail::is_finite(found))
      throw numeric_error(who + ": the class of row " + std::to_string(row) + " is " + detail::to_shortest(found) +
                          ", must be finite");
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return of[row]; });

  std::vector<std::vector<std::size_t>> result;
  for (auto row : order) {
    if (result.empty() || of[result.back().front()] != of[row]) result.emplace_back();
    result.back().push_back(row);
  }
  return result;
}

}  // namespace fovea
