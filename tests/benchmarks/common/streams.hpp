// SPDX-License-Identifier: MIT
#pragma once

#include "parallel.hpp"

/// Passes that only read and write the bytes that a problem must touch.
namespace streams {

/// c = a + b: reads two arrays, writes one.
inline void add(float const* __restrict a, float const* __restrict b, float* __restrict c, std::size_t n) {
  for (std::size_t i = 0; i != n; ++i) c[i] = a[i] + b[i];
}

/// Reads two arrays and sums them.
inline float sum(float const* a, float const* b, std::size_t n) {
  float lanes[64] = {};
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64)
    for (std::size_t k = 0; k != 64; ++k) lanes[k] += a[i + k] - b[i + k];
  float total = 0;
  for (; i != n; ++i) total += a[i] - b[i];
  for (auto const lane : lanes) total += lane;
  return total;
}

/// c = 2 a: reads one array, writes another.
inline void scale(float const* __restrict a, float* __restrict c, std::size_t n) {
  for (std::size_t i = 0; i != n; ++i) c[i] = 2 * a[i];
}

/// Reads four arrays and writes three of them, like a step of Adam.
inline void four_and_three(float* __restrict a, float* __restrict b, float* __restrict c, float const* __restrict d,
                           std::size_t n) {
  for (std::size_t i = 0; i != n; ++i) {
    a[i] += d[i];
    b[i] += d[i];
    c[i] += d[i];
  }
}

}  // namespace streams
