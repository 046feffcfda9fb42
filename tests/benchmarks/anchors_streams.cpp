// SPDX-License-Identifier: MIT
#include <charconv>

#include "anchors.hpp"

namespace anchors {

void add(float const* __restrict a, float const* __restrict b, float* __restrict c, std::size_t n) {
  for (std::size_t i = 0; i != n; ++i) c[i] = a[i] + b[i];
}

float sum(float const* a, float const* b, std::size_t n) {
  float lanes[64] = {};
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64)
    for (std::size_t k = 0; k != 64; ++k) lanes[k] += a[i + k] - b[i + k];
  float total = 0;
  for (; i != n; ++i) total += a[i] - b[i];
  for (auto const lane : lanes) total += lane;
  return total;
}

void four_and_three(float* __restrict a, float* __restrict b, float* __restrict c, float const* __restrict d,
                    std::size_t n) {
  for (std::size_t i = 0; i != n; ++i) {
    a[i] += d[i];
    b[i] += d[i];
    c[i] += d[i];
  }
}

double parse(std::string const& text) {
  double total = 0;
  auto const* at = text.data();
  auto const* const end = at + text.size();
  at = text.data() + text.find('\n') + 1;
  while (at < end) {
    double value = 0;
    at = std::from_chars(at, end, value).ptr + 1;
    total += value;
  }
  return total;
}

}  // namespace anchors
