// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <fovea/scalar/random.hpp>

/// Returns n numbers in [-1, 1), exact in float, that depend on the seed.
inline std::vector<double> drawn(std::size_t n, std::uint64_t seed) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i != n; ++i)
    numbers.push_back(2 * double{fovea::uniform<float>(seed, fovea::random_stream::user, 0, i)} - 1);
  return numbers;
}

/// The widths most likely to reveal errors in SIMD code.
inline constexpr std::size_t odd_widths[]{1, 2, 3, 7, 8, 9, 16, 17, 31, 33};
