// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// The extents of an array in a file: any number of them, of any size.
namespace fovea::detail {

/// Returns the number of values, or nullopt if it overflows size_t.
inline std::optional<std::size_t> value_count(std::vector<std::size_t> const& extents) {
  std::size_t product = 1;
  for (auto extent : extents) {
    if (extent != 0 && product > (std::numeric_limits<std::size_t>::max)() / extent) return std::nullopt;
    product *= extent;
  }
  return product;
}

/// Returns the extents as Python writes a tuple: "(3, 4)", "(3,)" or "()".
inline std::string to_tuple(std::vector<std::size_t> const& extents) {
  std::string text;
  for (auto extent : extents) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + (extents.size() == 1 ? ",)" : ")");
}

}  // namespace fovea::detail
