// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/backends/xtensor.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>

/// Of five logits: more than a batch of two or four, so that whole batches and a remainder are there.
static double xtensor_mean() {
  xt::xtensor<double, 1> const logits = {0, 0, 0, 0, 1}, targets = {0, 1, 0, 1, 0};
  return fovea::value(fovea::sigmoid_binary_cross_entropy{}, logits, targets);
}
