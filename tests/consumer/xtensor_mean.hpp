// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/backends/xtensor.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/value_and_gradient.hpp>

/// Returns the mean loss of five logits: more than a SIMD batch of two or four, so that whole batches and a remainder occur.
static double xtensor_mean() {
  xt::xtensor<double, 1> const logits = {0, 0, 0, 0, 1}, targets = {0, 1, 0, 1, 0};
  return fovea::value(fovea::sigmoid_binary_cross_entropy{}, logits, targets);
}
