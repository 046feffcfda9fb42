// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/sigmoid_focal_loss.hpp>

namespace fovea {

/// The paper's second form of the focal loss, log(1 + exp(-gamma s)) / gamma of the logit s on the target's side: Lin et al. (2017),
/// appendix A, as fvcore's sigmoid_focal_loss_star. `alpha` as in `sigmoid_focal_loss`.
///
///     float const mean = fovea::value(fovea::sigmoid_focal_loss_star{}, logits, targets);
struct sigmoid_focal_loss_star {
  double gamma = 1;
  optional_number alpha = std::nullopt;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    Y const side = Y(1) - Y(2) * y, g = math::constant<Y>(gamma);
    Z const wrong = math::select(side == Y(0), Z(Y(0)), side * z);
    Z const loss =
        math::select(wrong > Y(1e30f), wrong, math::softplus(g * wrong) / g);  // before the product overflows
    if (!alpha) return loss;
    Y const weight = math::constant<Y>(*alpha) * y + math::constant<Y>(1 - *alpha) * (Y(1) - y);
    return math::select(weight == Y(0), Z(Y(0)), weight * loss);
  }
  void validate() const {
    require(gamma > 0 && gamma <= 1e4, "sigmoid_focal_loss_star: gamma must be in (0, 10000]", gamma);
    require(!alpha || (*alpha >= 0 && *alpha <= 1), "sigmoid_focal_loss_star: alpha must be in [0, 1]",
            alpha.value_or(0));
  }
};
static_assert(elementwise_loss<sigmoid_focal_loss_star>);

}  // namespace fovea
