// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam with Nesterov's momentum, which warms up: PyTorch's NAdam. Dozat, "Incorporating Nesterov momentum into Adam" (2016).
///
///     fovea::trainer trainer{backend, net, loss, fovea::nadam{.learning_rate = 1e-3}};
struct nadam {
  double learning_rate = 2e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0, momentum_decay = 4e-3;

  static constexpr std::size_t state_count = 2;
  struct coefficients {
    double of_gradient, of_first, root;
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    double const now = momentum(step), next = momentum(step + 1), product = momentum_product(step);
    return {learning_rate * (1 - now) / (1 - product), learning_rate * next / (1 - product * next),
            1 / std::sqrt(detail::bias_correction(beta2, step))};
  }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& second) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    adam{learning_rate, beta1, beta2, epsilon, 0}.average(parameter, g, first, second);
    T const scale = math::sqrt(second) * math::constant<T>(c.root) + math::constant<T>(epsilon);
    parameter = parameter - (math::constant<T>(c.of_gradient) * g + math::constant<T>(c.of_first) * first) / scale;
  }
  void validate() const {
    detail::validate_moments("nadam", *this);
    detail::require_not_negative("nadam", "momentum_decay", momentum_decay);
  }
  template <class T> void validate_in() const { detail::require_in<T>("nadam", "epsilon", epsilon); }

  /// The momentum of a step, beta1 (1 - q^step / 2), and its product over all steps to this one: log(1 - x) as a series, whose powers
  /// of q add up to geometric sums.
  FOVEA_HD double momentum(double step) const { return beta1 * (1 - 0.5 * std::exp(log_decay() * step)); }
  FOVEA_HD double momentum_product(double step) const {
    double sum = 0, share = 0.5;
    for (int j = 1; j != 54; ++j, share *= 0.5) {
      double const log = j * log_decay();
      double const powers = log == 0 ? step : std::exp(log) * std::expm1(log * step) / std::expm1(log);
      sum += share / j * powers;
    }
    return std::pow(beta1, step) * std::exp(-sum);
  }

 private:
  FOVEA_HD double log_decay() const { return momentum_decay * -0.040821994520255167; }  // log(0.96)
};
static_assert(optimizer<nadam>);

}  // namespace fovea
