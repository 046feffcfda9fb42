// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using row_numbers = std::vector<std::size_t>;

/// The hash that make_sklearn.py stores instead of long lists of rows; `value` is the hash of the preceding rows.
inline std::uint64_t row_hash(row_numbers const& rows, std::uint64_t value = 14695981039346656037u) {
  for (auto row : rows) value = (value ^ row) * 1099511628211u;
  return value;
}

/// Draws the same classes as make_sklearn.py, as numbers of any type.
template <class T> std::vector<T> drawn_classes(std::size_t rows, std::uint64_t levels, std::uint64_t seed) {
  auto const draw = [&seed] {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 33;
  };
  std::vector<T> result;
  for (std::size_t i = 0; i < rows; ++i) {
    auto const first = draw() % levels, second = draw() % levels;
    result.push_back(static_cast<T>(std::min(first, second)));
  }
  return result;
}
