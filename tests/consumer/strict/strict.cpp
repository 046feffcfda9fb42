// SPDX-License-Identifier: MIT
#include <immintrin.h>

#include <fovea/backends/xtensor.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

float sum_of_losses(xt::xtensor<float, 2> const& logits, xt::xtensor<float, 2> const& targets) {
  return fovea::value_and_gradient(fovea::sigmoid_focal_loss{.gamma = 1.5}, logits, targets).value +
         fovea::value(fovea::focal_loss{}, logits, targets);
}
