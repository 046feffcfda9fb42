// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

namespace fovea {

namespace math {

/// Returns |sigmoid(x) - y|^beta of a logit x, for beta >= 1.
template <class T, class Y> FOVEA_HD constexpr T miss_power(logistic<T> const& one, Y const& y, double beta) {
  T const miss = (Y(1) - y) * one.sigmoid() - y * (-one).sigmoid();
  Y const size = math::abs(autodiff::primal(miss)), b = math::constant<Y>(beta);
  Y const sign = math::select(autodiff::primal(miss) < Y(0), Y(-1), math::select(size == Y(0), Y(0), Y(1)));
  auto const slope = [&] { return sign * b * math::unit_power(size, beta - 1); };
  auto const curvature = [&] {
    Y const power = beta < 2 ? math::unit_power(size, beta - 1) / (math::max)(size, math::constant<Y>(1e-30))
                             : math::unit_power(size, beta - 2);
    return b * math::constant<Y>(beta - 1) * power;
  };
  return autodiff::with_derivatives(miss, math::unit_power(size, beta), slope, curvature);
}

}  // namespace math

/// Cross-entropy on logits times the `beta`-th power of |probability - target|, for targets that are a quality in [0, 1]. Its
/// minimum, 0, is where both are equal. Li et al., "Generalized focal loss" (2020), as mmdetection's quality_focal_loss.
///
///     float const mean = fovea::value(fovea::quality_focal_loss{}, logits, targets);
struct quality_focal_loss {
  double beta = 2;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    math::logistic<Z> const one(z);
    return math::product_of_limits(math::miss_power(one, y, beta), one.softplus_mix(Y(1) - y, y));
  }
  void validate() const { require(beta >= 1 && beta <= 1e4, "quality_focal_loss: beta must be in [1, 10000]", beta); }
};
static_assert(elementwise_loss<quality_focal_loss>);

/// Cross-entropy on logits times the target where the target is above 0, and times `alpha` p^`gamma` where it is 0: Zhang et al.,
/// "VarifocalNet" (2021), as mmdetection's varifocal_loss.
///
///     float const mean = fovea::value(fovea::varifocal_loss{}, logits, targets);
struct varifocal_loss {
  double alpha = 0.75, gamma = 2;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    math::logistic<Z> const one(z);
    Z const negative = math::product_of_limits(one.power(gamma), one.softplus());
    return math::select(y > Y(0), y * one.softplus_mix(Y(1) - y, y), math::constant<Y>(alpha) * negative);
  }
  void validate() const {
    require(alpha > 0 && alpha <= 1e30, "varifocal_loss: alpha must be finite and above 0", alpha);
    require(gamma >= 0 && gamma <= 1e4, "varifocal_loss: gamma must be in [0, 10000]", gamma);
  }
};
static_assert(elementwise_loss<varifocal_loss>);

}  // namespace fovea
