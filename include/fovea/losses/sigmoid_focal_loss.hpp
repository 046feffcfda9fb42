// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>
#include <fovea/scalar/optional_number.hpp>

namespace fovea {

/// Focal loss on logits, with torchvision's semantics: Lin et al., "Focal loss for dense object detection" (2017).
///
/// `alpha`, if given, weighs targets of 1, and 1 - alpha weighs targets of 0; soft targets mix p_t and these weights
/// arithmetically. Value, gradient and Hessian are finite for every finite logit and every gamma >= 0.
///
///     fovea::sigmoid_focal_loss const loss{.gamma = 2, .alpha = 0.25};
///     auto const [value, gradient] = fovea::value_and_gradient(loss, logits, targets);
struct sigmoid_focal_loss {
  double gamma = 2;
  optional_number alpha = std::nullopt;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    math::logistic<Z> const wrong((Y(1) - Y(2) * y) * z);
    Z loss = math::product_of_limits(wrong.power(gamma), wrong.softplus());
    auto const soft = !(y * (Y(1) - y) == Y(0));
    if (math::any(soft)) {
      math::logistic<Z> const one(z);
      Z const modulator = math::exp(math::constant<Y>(gamma) * one.log_mix(y));
      loss = math::select(soft, math::product_of_limits(modulator, one.softplus_mix(Y(1) - y, y)), loss);
    }
    if (!alpha) return loss;
    Y const weight = math::constant<Y>(*alpha) * y + math::constant<Y>(1 - *alpha) * (Y(1) - y);
    return math::select(weight == Y(0), Z(Y(0)), weight * loss);
  }
  void validate() const {
    require(gamma >= 0 && gamma <= 1e4, "sigmoid_focal_loss: gamma must be in [0, 10000]", gamma);
    require(!alpha || (*alpha >= 0 && *alpha <= 1), "sigmoid_focal_loss: alpha must be in [0, 1]", alpha.value_or(0));
  }
};
static_assert(elementwise_loss<sigmoid_focal_loss, float> && elementwise_loss<sigmoid_focal_loss, double>);

namespace compat::torchvision {
/// `torchvision.ops.sigmoid_focal_loss` with its defaults, alpha = 0.25 included.
inline constexpr fovea::sigmoid_focal_loss sigmoid_focal_loss{.gamma = 2, .alpha = 0.25};
}  // namespace compat::torchvision

}  // namespace fovea
