// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/losses/class_weights.hpp>
#include <fovea/losses/true_class.hpp>

namespace fovea {

/// Focal loss of a row's class: `softmax_cross_entropy` times (1 - p)^`gamma` of the class's probability. `weight` is the paper's alpha
/// for each class; as there, the mean divides by the sum of the weights. `class_gamma`, if given, is the power for each class, not
/// negative, instead of `gamma`. Value and gradient are finite for all finite logits.
///
///     auto const [value, gradient] = fovea::value_and_gradient(fovea::softmax_focal_loss{.gamma = 2}, logits, classes);
struct softmax_focal_loss {
  double gamma = 2;
  optional_number ignore_index = std::nullopt;
  class_weights weight = {}, class_gamma = {};

  constexpr softmax inverse_link() const { return {}; }
  void validate() const {
    require(gamma >= 0 && gamma <= 1e4, "softmax_focal_loss: gamma must be in [0, 10000]", gamma);
  }
  void check_outputs(std::size_t classes) const {
    weight.check("softmax_focal_loss", classes), class_gamma.check("softmax_focal_loss", classes);
  }

  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> logits, C const& target) const {
    auto const found = formulas::true_class_of(row, logits, target);
    C const own = weight.of_class<T>(row, target);
    return weight.counted<T>(row, own, C(power_of(found.miss(), gamma_of<T>(row, target)) * found.loss * own));
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> logits, C const& target, out<T> slopes,
                                C const& factor) const {
    auto const found = formulas::true_class_of(row, logits, target, slopes);
    C const power = gamma_of<T>(row, target);
    C const own = weight.of_class<T>(row, target), modulator = power_of(found.miss(), power) * own;
    C const p = found.hit(), zero(scalar_of<C>(0)), entropy = math::select(p == zero, zero, p * found.loss);
    C const slope = modulator * (found.miss() + power * entropy);
    formulas::share_slope(row, target, found, C(factor * slope), slopes);
    return weight.counted<T>(row, own, C(modulator * found.loss), slopes);
  }
  bool reads_within(void const* first, void const* last) const {
    return weight.within(first, last) || class_gamma.within(first, last);
  }
  bool counts() const { return weight.elements != nullptr || static_cast<bool>(ignore_index); }
  template <class Row, class C> FOVEA_HD C part(Row const& row, C const& target) const {
    return weight.part(row, target, ignore_index);
  }

 private:
  template <class T, class Row, class C> FOVEA_HD C gamma_of(Row const& row, C const& target) const {
    return class_gamma.elements == nullptr ? math::constant<C>(gamma) : class_gamma.of_class<T>(row, target);
  }
  /// Returns 1 - p to the power of the row's gamma.
  template <class C> FOVEA_HD C power_of(C const& miss, C const& power) const {
    if (class_gamma.elements == nullptr) return math::unit_power(miss, gamma);
    C const zero(scalar_of<C>(0)), one(scalar_of<C>(1));
    return math::select(power == zero, one, math::select(miss == zero, zero, math::exp(power * math::log(miss))));
  }
};
static_assert(rowwise_loss<softmax_focal_loss> && rowwise_loss<softmax_focal_loss, double>);

/// `softmax_cross_entropy` plus `epsilon` (1 - p) of the class's probability: optax's poly_loss_cross_entropy. Leng et al., "PolyLoss"
/// (2022).
///
///     float const mean = fovea::value(fovea::softmax_poly_loss{}, logits, classes);
struct softmax_poly_loss {
  double epsilon = 2;

  constexpr softmax inverse_link() const { return {}; }
  void validate() const {
    require(epsilon >= -1 && epsilon <= 1e30, "softmax_poly_loss: epsilon must be finite and at least -1", epsilon);
  }

  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> logits, C const& target) const {
    auto const found = formulas::true_class_of(row, logits, target);
    return found.loss + math::constant<C>(epsilon) * found.miss();
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> logits, C const& target, out<T> slopes,
                                C const& factor) const {
    auto const found = formulas::true_class_of(row, logits, target, slopes);
    C const e = math::constant<C>(epsilon), slope = found.miss() * (C(scalar_of<C>(1)) + e * found.hit());
    formulas::share_slope(row, target, found, C(factor * slope), slopes);
    return found.loss + e * found.miss();
  }
};
static_assert(rowwise_loss<softmax_poly_loss> && rowwise_loss<softmax_poly_loss, double>);

}  // namespace fovea
