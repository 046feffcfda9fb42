// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

/// Binary cross-entropy on logits, for targets in [0, 1]: PyTorch's BCEWithLogitsLoss. `pos_weight` multiplies the part of
/// positive targets.
///
///     auto const [value, gradient] =
///         fovea::value_and_gradient(fovea::sigmoid_binary_cross_entropy{.pos_weight = 3}, logits, targets);
struct sigmoid_binary_cross_entropy {
  double pos_weight = 1;

  using inverse_link = sigmoid_formula;
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    math::logistic<Z> const one(z);
    return (Y(1) - y) * one.softplus() + math::constant<Y>(pos_weight) * y * (-one).softplus();
  }
  void validate() const {
    require(pos_weight >= 0 && pos_weight <= 1e30,
            "sigmoid_binary_cross_entropy: pos_weight must be finite and not negative", pos_weight);
  }
};
static_assert(elementwise_loss<sigmoid_binary_cross_entropy>);

}  // namespace fovea
