// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

/// Losses on logits with their slopes, written for a single number; the competitor loops over them.
namespace by_hand {

struct pair {
  float loss, slope;
};

inline pair bce(float z, float y) {
  auto const p = 1 / (1 + std::exp(-z));
  return {std::fmax(z, 0.f) - z * y + std::log1p(std::exp(-std::fabs(z))), p - y};
}

/// The focal loss of Lin et al. (2017), without alpha: -(1 - p_t)^gamma log(p_t).
inline pair focal(float z, float y, float gamma) {
  auto const sign = 2 * y - 1, t = sign * z;
  auto const p = 1 / (1 + std::exp(-t)), miss = 1 - p;
  auto const log_p = std::fmin(t, 0.f) - std::log1p(std::exp(-std::fabs(t)));
  auto const power = gamma == 2 ? miss * miss : std::pow(miss, gamma);
  return {-power * log_p, sign * power * (gamma * p * log_p - miss)};
}

/// Returns the loss of one row of logits with class y, and writes `scale` times its gradient.
inline float softmax_cross_entropy(float const* z, std::int32_t y, float* gradient, std::size_t classes, float scale) {
  auto const most = *std::max_element(z, z + classes);
  float sum = 0;
  for (std::size_t c = 0; c != classes; ++c) sum += gradient[c] = std::exp(z[c] - most);
  for (std::size_t c = 0; c != classes; ++c) gradient[c] *= scale / sum;
  gradient[y] -= scale;
  return std::log(sum) + most - z[y];
}

}  // namespace by_hand
