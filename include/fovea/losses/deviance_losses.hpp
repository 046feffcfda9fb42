// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

/// Losses of a mean above 0, for counts and amounts. By default the prediction is the mean's logarithm, and a model trained so
/// predicts the mean.
namespace fovea {

/// exp(x), or x itself: from a prediction to the mean.
struct mean_formula {
  bool log_input = true;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return log_input ? math::exp(x) : x; }
};

/// The negative log likelihood of a Poisson distribution: PyTorch's PoissonNLLLoss. `full` adds Stirling's approximation of
/// log(target!) for targets above 1; `epsilon` is added to a mean, without `log_input`.
///
///     float const mean = fovea::value(fovea::poisson_nll_loss{}, log_rates, counts);
struct poisson_nll_loss {
  bool log_input = true, full = false;
  double epsilon = 1e-8;

  constexpr activation<mean_formula> inverse_link() const { return {{log_input}}; }
  static constexpr target_range targets{0, 1e37};

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    X const mean = log_input ? math::exp(x) : x, log_mean = log_input ? x : math::log(x + math::constant<Y>(epsilon));
    // 0 times an infinite logarithm is 0.
    X const loss = math::select(y == Y(0), mean, mean - y * (math::min)(log_mean, X(Y(1e30f))));
    if (!full) return loss;
    Y const stirling = y * math::log(y) - y + math::constant<Y>(0.5) * math::log(math::constant<Y>(2 * pi) * y);
    return loss + math::select(y > Y(1), stirling, Y(0));
  }
  void validate() const {
    require(epsilon >= 0 && epsilon <= 1, "poisson_nll_loss: epsilon must be in [0, 1]", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("poisson_nll_loss", "epsilon", epsilon); }
  static constexpr double pi = 3.14159265358979324;
};
static_assert(elementwise_loss<poisson_nll_loss>);

/// The unit deviance of a gamma distribution, for targets above 0: scikit-learn's mean_gamma_deviance.
///
///     float const mean = fovea::value(fovea::gamma_deviance_loss{}, log_rates, counts);
struct gamma_deviance_loss {
  bool log_input = true;

  constexpr activation<mean_formula> inverse_link() const { return {{log_input}}; }
  static constexpr target_range targets{1e-37, 1e37};

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    X const log_ratio = (log_input ? x : math::log(x)) - math::log(y);  // of mean and target
    return Y(2) * (math::expm1(-log_ratio) + log_ratio);
  }
};
static_assert(elementwise_loss<gamma_deviance_loss>);

/// The unit deviance of a Tweedie distribution, for targets of 0 and above: scikit-learn's mean_tweedie_deviance for powers between
/// 1, where it tends to Poisson's, and 2, where it tends to the gamma distribution's.
///
///     float const mean = fovea::value(fovea::tweedie_deviance_loss{}, log_rates, counts);
struct tweedie_deviance_loss {
  double power = 1.5;
  bool log_input = true;

  constexpr activation<mean_formula> inverse_link() const { return {{log_input}}; }
  static constexpr target_range targets{0, 1e37};

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    Y const a = math::constant<Y>(1 - power), b = math::constant<Y>(2 - power);
    X const log_mean = log_input ? x : math::log(x), log_ratio = log_mean - math::log(y);  // of mean and target
    X const of_zero = Y(2) / b * math::exp(b * log_mean);
    // Near the target, the exponentials less 1 are small: little cancels.
    X const ratios = math::expm1(b * log_ratio) / b - math::expm1(a * log_ratio) / a;
    return math::select(y == Y(0), of_zero, Y(2) * math::pow(y, 2 - power) * ratios);
  }
  void validate() const { require(power > 1 && power < 2, "tweedie_deviance_loss: power must be in (1, 2)", power); }
};
static_assert(elementwise_loss<tweedie_deviance_loss>);

}  // namespace fovea
