// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

namespace fovea {

namespace math {

/// Returns -p^gamma log(1 - p) of p = relu(sigmoid(x) - clip), to the accuracy of sigmoid(x) - clip; at a p of 0, it and its
/// derivatives are 0.
template <class T> FOVEA_HD constexpr T clipped_focal(T const& x, double gamma, double clip) {
  using V = autodiff::primal_of<T>;
  logistic<T> const one(x);
  T const probability = one.sigmoid();
  V const m = math::constant<V>(clip), g = math::constant<V>(gamma);
  V const p = math::relu(autodiff::primal(probability) - m), rest = autodiff::primal((-one).sigmoid()) + m;
  auto const none = p == V(0);
  V const power = math::unit_power(p, gamma), log_rest = math::select(p < V(0.5f), math::log1p(-p), math::log(rest));
  V const ratio = math::select(none, V(1), -log_rest / p);  // tends to 1 as p tends to 0
  auto const slope = [&] { return math::select(none, V(0), power * (g * ratio + V(1) / rest)); };
  auto const curvature = [&] {
    V const bend = g * (g - V(1)) * ratio + V(2) * g / rest + p / (rest * rest);
    return math::select(none, V(0), power * (bend / p));
  };
  return autodiff::with_derivatives(probability, math::select(none, V(0), power * -log_rest), slope, curvature);
}

}  // namespace math

/// Cross-entropy on logits with a focusing weight for each side: positive targets are weighted by (1 - p)^`gamma_pos`, negative ones by
/// p^`gamma_neg` of a probability p that is first lowered by `clip`. A soft target mixes both terms.
/// Ridnik et al., "Asymmetric loss for multi-label classification" (2021).
///
/// `constant_weights` takes the weights as constants in the derivatives, as the paper's code does; the gradient is then not that of
/// the value.
///
///     float const mean = fovea::value(fovea::asymmetric_loss{}, logits, targets);
struct asymmetric_loss {
  double gamma_neg = 4, gamma_pos = 1, clip = 0.05;
  bool constant_weights = false;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    math::logistic<Z> const wrong(-z);
    Z const positive = weighted(wrong.power(gamma_pos), wrong.softplus());
    Z const negative = of_negative(z, wrong);
    return math::select(y == Y(0), Z(Y(0)), y * positive) + math::select(y == Y(1), Z(Y(0)), (Y(1) - y) * negative);
  }
  void validate() const {
    require(gamma_neg >= 0 && gamma_neg <= 1e4, "asymmetric_loss: gamma_neg must be in [0, 10000]", gamma_neg);
    require(gamma_pos >= 0 && gamma_pos <= 1e4, "asymmetric_loss: gamma_pos must be in [0, 10000]", gamma_pos);
    require(clip >= 0 && clip < 1, "asymmetric_loss: clip must be in [0, 1)", clip);
  }

 private:
  template <class Z> FOVEA_HD constexpr Z weighted(Z const& weight, Z const& loss) const {
    if constexpr (autodiff::differentiating<Z>)
      if (constant_weights) return math::select(weight.value == decltype(weight.value)(0), Z{}, weight.value * loss);
    return math::product_of_limits(weight, loss);
  }
  template <class Z> FOVEA_HD constexpr Z of_negative(Z const& z, math::logistic<Z> const& wrong) const {
    auto const right = -wrong;
    if (clip == 0) return weighted(right.power(gamma_neg), right.softplus());
    if (!constant_weights) return math::clipped_focal(z, gamma_neg, clip);
    using V = autodiff::primal_of<Z>;
    V const p = math::relu(autodiff::primal(right.sigmoid()) - math::constant<V>(clip));
    return weighted(Z(math::unit_power(p, gamma_neg)), math::clipped_focal(z, 0, clip));
  }
};
static_assert(elementwise_loss<asymmetric_loss>);

namespace compat::asl {
/// `AsymmetricLoss` of Alibaba-MIIL/ASL with its defaults, except that no logarithm is cut off and the reduction is the call's.
inline constexpr fovea::asymmetric_loss asymmetric_loss{.constant_weights = true};
}  // namespace compat::asl

}  // namespace fovea
