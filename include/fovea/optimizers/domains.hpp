// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>

#include <fovea/config.hpp>
#include <fovea/scalar/without_denormals.hpp>
#include <fovea/validate.hpp>

/// The domains that hyper-parameters of optimizers have in common.
namespace fovea::detail {

/// Throws `argument_error` unless the option is finite and not negative.
inline void require_not_negative(std::string const& optimizer, char const* option, double value) {
  fovea::require(value >= 0 && value <= 1e30, (optimizer + ": " + option + " must be finite and not negative").c_str(),
                 value);
}
/// Throws `argument_error` unless the option is in [0, 1).
inline void require_share(std::string const& optimizer, char const* option, double value) {
  fovea::require(value >= 0 && value < 1, (optimizer + ": " + option + " must be in [0, 1)").c_str(), value);
}

/// Returns 1 - beta^step. Beyond e^-40, which is lost beside 1, the power would underflow: the slowest case of std::pow.
FOVEA_HD inline double bias_correction(double beta, double step) {
  return step * (1 - beta) > 40 ? 1 : 1 - std::pow(beta, step);
}

/// The same of those options that an optimizer like Adam has.
template <class O> void validate_moments(char const* name, O const& o) {
  require_not_negative(name, "learning_rate", o.learning_rate);
  require_share(name, "beta1", o.beta1);
  require_share(name, "beta2", o.beta2);
  if constexpr (requires { o.epsilon; }) require_not_negative(name, "epsilon", o.epsilon);
  require_not_negative(name, "weight_decay", o.weight_decay);
}
/// Returns the bound below which a moment of squares counts as 0: the smallest normal number, if its root is lost in epsilon.
template <class T> FOVEA_HD constexpr double least_square(double epsilon) {
  double const lost = math::half_rounding<T> * epsilon;
  return math::least_normal<T> < lost * lost ? math::least_normal<T> : 0;
}

}  // namespace fovea::detail
