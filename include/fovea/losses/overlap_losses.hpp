// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/row_targets.hpp>
#include <fovea/scalar/primitives.hpp>

namespace fovea {

namespace formulas {

/// The sums of an overlap, of logits z: hits p t, and misses a p (1 - t) + b t (1 - p).
struct overlap_hits {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& t) const { return math::sigmoid(z) * t; }
};
struct overlap_misses {
  double alpha, beta;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& t) const {
    math::logistic<Z> const one(z);
    return math::constant<Z>(alpha) * one.sigmoid() * (Z(1) - t) + math::constant<Z>(beta) * t * (-one).sigmoid();
  }
};
/// The slopes: of_hit of a hit's probability, of_miss of a miss's weight.
template <class C> struct overlap_slope {
  double alpha, beta;
  C of_hit, of_miss;
  template <class Z> FOVEA_HD constexpr void operator()(Z const& z, Z const& t, Z& slope) const {
    math::logistic<Z> const one(z);
    Z const miss = math::constant<Z>(alpha) * (Z(1) - t) - math::constant<Z>(beta) * t;
    slope = (Z(of_hit) * t + Z(of_miss) * miss) * (one.sigmoid() * (-one).sigmoid());
  }
};

}  // namespace formulas

/// 1 - hits / (hits + alpha false positives + beta false negatives) of a row of logits and one of targets in [0, 1], with `smooth`
/// added to both; to the power of `gamma`, the focal Tversky loss. Salehi et al. (2017), Abraham and Khan (2019). Targets have the
/// predictions' shape, or are the class of each row.
///
///     float const mean = fovea::value(fovea::sigmoid_tversky_loss{}, logits, classes);
struct sigmoid_tversky_loss {
  double alpha = 0.5, beta = 0.5, smooth = 1e-5, gamma = 1;

  static constexpr target_range targets{0, 1};  // those of reals; integers are classes
  constexpr sigmoid inverse_link() const { return {}; }
  void validate() const {
    require(alpha >= 0 && alpha <= 1e30, "sigmoid_tversky_loss: alpha must be finite and not negative", alpha);
    require(beta >= 0 && beta <= 1e30, "sigmoid_tversky_loss: beta must be finite and not negative", beta);
    require(smooth > 0 && smooth <= 1e30, "sigmoid_tversky_loss: smooth must be finite and above 0", smooth);
    require(gamma >= 1 && gamma <= 1e4, "sigmoid_tversky_loss: gamma must be in [1, 10000]", gamma);
  }
  template <class T> void validate_in() const { detail::require_in<T>("sigmoid_tversky_loss", "smooth", smooth); }

  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> z, C const& target) const {
    return loss_of(row, z, formulas::class_targets<C>{target}, column_index<T>{}).loss;
  }
  template <class Row, class T> FOVEA_HD auto value(Row const& row, each<T const> z, each<T const> target) const {
    return loss_of(row, z, formulas::given_targets{}, target).loss;
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> z, C const& target, out<T> slopes,
                                C const& factor) const {
    return with_gradient(row, z, formulas::class_targets<C>{target}, column_index<T>{}, slopes, factor);
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> z, each<T const> target, out<T> slopes,
                                C const& factor) const {
    return with_gradient(row, z, formulas::given_targets{}, target, slopes, factor);
  }

 private:
  template <class C> struct sums {
    C hits, all, share, loss;  // share: of the misses in all
  };
  template <class Row, class T, class Targets, class O>
  FOVEA_HD auto loss_of(Row const& row, each<T const> z, Targets const& given, O const& t) const {
    auto const hits = row.sum(given.take(formulas::overlap_hits{}), z, t);
    using C = std::remove_const_t<decltype(hits)>;
    C const misses = row.sum(given.take(formulas::overlap_misses{alpha, beta}), z, t);
    C const above = hits + math::constant<C>(smooth), all = above + misses, share = misses / all;
    return sums<C>{above, all, share, math::unit_power(share, gamma)};
  }
  template <class Row, class T, class Targets, class O, class C>
  FOVEA_HD C with_gradient(Row const& row, each<T const> z, Targets const& given, O const& t, out<T> slopes,
                           C const& factor) const {
    auto const found = loss_of(row, z, given, t);
    C const outer = factor * math::constant<C>(gamma) * math::unit_power(C(found.share), gamma - 1) / found.all;
    formulas::overlap_slope<C> const slope{alpha, beta, -outer * found.share, outer * (found.hits / found.all)};
    row.for_each(given.take(slope), z, t, slopes);
    return found.loss;
  }
};
static_assert(loss_of_probabilities<sigmoid_tversky_loss> && loss_of_probabilities<sigmoid_tversky_loss, double>);

/// 1 - 2 hits / (predicted + true): MONAI's DiceLoss(sigmoid=True) of a row. Milletari et al., "V-Net" (2016).
///
///     float const mean = fovea::value(fovea::sigmoid_dice_loss{}, logits, classes);
struct sigmoid_dice_loss {
  double smooth = 1e-5;

  static constexpr target_range targets{0, 1};  // those of reals; integers are classes
  constexpr sigmoid inverse_link() const { return {}; }
  void validate() const {
    require(smooth > 0 && smooth <= 1e30, "sigmoid_dice_loss: smooth must be finite and above 0", smooth);
  }
  template <class T> void validate_in() const { detail::require_in<T>("sigmoid_dice_loss", "smooth", smooth / 2); }
  template <class... A> FOVEA_HD auto value(A const&... all) const { return tversky().value(all...); }
  template <class... A> FOVEA_HD auto value_and_gradient(A const&... all) const {
    return tversky().value_and_gradient(all...);
  }

 private:
  FOVEA_HD constexpr sigmoid_tversky_loss tversky() const { return {.smooth = smooth / 2}; }
};
static_assert(loss_of_probabilities<sigmoid_dice_loss> && loss_of_probabilities<sigmoid_dice_loss, double>);

/// 1 - hits / (predicted + true - hits): MONAI's DiceLoss(sigmoid=True, jaccard=True) of a row, the loss of the IoU. Rahman and
/// Wang (2016).
struct sigmoid_iou_loss {
  double smooth = 1e-5;

  static constexpr target_range targets{0, 1};  // those of reals; integers are classes
  constexpr sigmoid inverse_link() const { return {}; }
  void validate() const {
    require(smooth > 0 && smooth <= 1e30, "sigmoid_iou_loss: smooth must be finite and above 0", smooth);
  }
  template <class T> void validate_in() const { detail::require_in<T>("sigmoid_iou_loss", "smooth", smooth / 2); }
  template <class... A> FOVEA_HD auto value(A const&... all) const { return tversky().value(all...); }
  template <class... A> FOVEA_HD auto value_and_gradient(A const&... all) const {
    return tversky().value_and_gradient(all...);
  }

 private:
  FOVEA_HD constexpr sigmoid_tversky_loss tversky() const { return {.alpha = 1, .beta = 1, .smooth = smooth / 2}; }
};
static_assert(loss_of_probabilities<sigmoid_iou_loss> && loss_of_probabilities<sigmoid_iou_loss, double>);

}  // namespace fovea
