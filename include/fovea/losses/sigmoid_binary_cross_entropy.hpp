// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

namespace fovea {

/// Binary cross-entropy on logits, for targets in [0, 1]: PyTorch's BCEWithLogitsLoss. `pos_weight` multiplies the part of
/// positive targets; `label_smoothing` moves each target that share of the way to 1/2, as Keras does. The value is accurate to a few
/// roundings, and so is the gradient for targets of 0 and 1; for a soft target, the gradient's error is a few roundings of its larger
/// part, also where the two parts cancel.
///
///     auto const [value, gradient] =
///         fovea::value_and_gradient(fovea::sigmoid_binary_cross_entropy{.pos_weight = 3}, logits, targets);
struct sigmoid_binary_cross_entropy {
  double pos_weight = 1, label_smoothing = 0;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    Y const positive = math::constant<Y>(1 - label_smoothing) * y + math::constant<Y>(0.5 * label_smoothing);
    return math::logistic<Z>(z).softplus_mix(Y(1) - positive, math::constant<Y>(pos_weight) * positive);
  }
  void validate() const {
    require(pos_weight >= 0 && pos_weight <= 1e30,
            "sigmoid_binary_cross_entropy: pos_weight must be finite and not negative", pos_weight);
    require(label_smoothing >= 0 && label_smoothing <= 1,
            "sigmoid_binary_cross_entropy: label_smoothing must be in [0, 1]", label_smoothing);
  }
};
static_assert(elementwise_loss<sigmoid_binary_cross_entropy>);

}  // namespace fovea
