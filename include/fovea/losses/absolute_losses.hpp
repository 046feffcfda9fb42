// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

/// Losses that grow like the distance of prediction and target, so that outliers pull no harder than other errors.
namespace fovea {

/// The absolute error: PyTorch's L1Loss. Its slope is 0 where prediction and target are equal.
///
///     float const mean = fovea::value(fovea::l1_loss{}, predictions, targets);
struct l1_loss {
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    return math::select(autodiff::primal(x) == y, X(Y(0)), math::abs(x - y));
  }
};
static_assert(elementwise_loss<l1_loss>);

/// The absolute error less `beta` / 2, and below `beta` half the squared error divided by `beta`: PyTorch's SmoothL1Loss. With beta 0,
/// `l1_loss`. Girshick, "Fast R-CNN" (2015).
///
///     float const mean = fovea::value(fovea::smooth_l1_loss{}, predictions, targets);
struct smooth_l1_loss {
  double beta = 1;

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    if (beta == 0) return l1_loss{}(x, y);
    X const error = x - y, size = math::abs(error);
    Y const bound = math::constant<Y>(beta), half = math::constant<Y>(0.5);
    return math::select(size < X(bound), half * error * (error / bound), size - half * bound);
  }
  void validate() const {
    require(beta >= 0 && beta <= 1e30, "smooth_l1_loss: beta must be finite and not negative", beta);
  }
  template <class T> void validate_in() const { detail::require_in<T>("smooth_l1_loss", "beta", beta); }
};
static_assert(elementwise_loss<smooth_l1_loss>);

/// Half the squared error where the error is below `delta`, its tangents beyond: PyTorch's HuberLoss. Huber, "Robust estimation of
/// a location parameter" (1964).
///
///     float const mean = fovea::value(fovea::huber_loss{}, predictions, targets);
struct huber_loss {
  double delta = 1;

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    X const error = x - y, size = math::abs(error);
    Y const bound = math::constant<Y>(delta), half = math::constant<Y>(0.5);
    return math::select(size < X(bound), half * error * error, bound * (size - half * bound));
  }
  void validate() const { require(delta > 0 && delta <= 1e30, "huber_loss: delta must be finite and above 0", delta); }
  template <class T> void validate_in() const { detail::require_in<T>("huber_loss", "delta", delta); }
};
static_assert(elementwise_loss<huber_loss>);

/// The pinball loss, whose minimum is the `quantile` of the targets: a prediction below the target costs `quantile` times the error, one
/// above it 1 - `quantile` times. scikit-learn's mean_pinball_loss; Koenker and Bassett, "Regression quantiles" (1978).
///
///     float const mean = fovea::value(fovea::quantile_loss{}, predictions, targets);
struct quantile_loss {
  double quantile = 0.5;

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    Y const above = math::constant<Y>(1 - quantile), below = math::constant<Y>(quantile);
    X const loss = math::select(autodiff::primal(x) < y, below * (y - x), above * (x - y));
    return math::select(autodiff::primal(x) == y, X(Y(0)), loss);
  }
  void validate() const {
    require(quantile > 0 && quantile < 1, "quantile_loss: quantile must be in (0, 1)", quantile);
  }
};
static_assert(elementwise_loss<quantile_loss>);

}  // namespace fovea
