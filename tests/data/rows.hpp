// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using row_numbers = std::vector<std::size_t>;

/// The hash in which make_sklearn.py keeps long lists of rows; `value` is that of the rows before these.
inline std::uint64_t row_hash(row_numbers const& rows, std::uint64_t value = 14695981039346656037u) {
  for (auto row : rows) value = (value ^ row) * 1099511628211u;
  return value;
}

/// The classes that make_sklearn.py draws, as numbers of any type.
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
