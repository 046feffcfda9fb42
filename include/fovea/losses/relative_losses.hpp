// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

/// Losses of the error relative to the target's size.
namespace fovea {

/// The squared difference of log(1 + prediction) and log(1 + target), for numbers above -1: torchmetrics' and scikit-learn's
/// mean_squared_log_error.
///
///     float const mean = fovea::value(fovea::mean_squared_log_error{}, predictions, targets);
struct mean_squared_log_error {
  static constexpr target_range targets{0, 1e37};

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    X const difference = math::log1p(x) - math::log1p(y);
    return difference * difference;
  }
};
static_assert(elementwise_loss<mean_squared_log_error>);

/// The absolute error divided by the target's absolute value, or by `epsilon` where that is larger: scikit-learn's mean_absolute_percentage_error, a
/// share and not a percentage.
///
///     float const mean = fovea::value(fovea::mape_loss{}, predictions, targets);
struct mape_loss {
  double epsilon = 2.220446049250313e-16;

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    Y const size = (math::max)(math::abs(y), math::constant<Y>(epsilon));
    return math::select(autodiff::primal(x) == y, X(Y(0)), math::abs(x - y) / size);
  }
  void validate() const { require(epsilon > 0 && epsilon <= 1, "mape_loss: epsilon must be in (0, 1]", epsilon); }
  template <class T> void validate_in() const { detail::require_in<T>("mape_loss", "epsilon", epsilon); }
};
static_assert(elementwise_loss<mape_loss>);

/// Twice the absolute error divided by the sum of both absolute values, or by `epsilon` where that is larger: torchmetrics'
/// symmetric_mean_absolute_percentage_error, in [0, 2].
///
///     float const mean = fovea::value(fovea::smape_loss{}, predictions, targets);
struct smape_loss {
  double epsilon = 1.17e-6;

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    X const sizes = (math::max)(math::abs(x) + math::abs(y), X(math::constant<Y>(epsilon)));
    return math::select(autodiff::primal(x) == y, X(Y(0)), Y(2) * (math::abs(x - y) / sizes));
  }
  void validate() const { require(epsilon > 0 && epsilon <= 1, "smape_loss: epsilon must be in (0, 1]", epsilon); }
  template <class T> void validate_in() const { detail::require_in<T>("smape_loss", "epsilon", epsilon); }
};
static_assert(elementwise_loss<smape_loss>);

}  // namespace fovea
