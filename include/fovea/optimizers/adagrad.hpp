// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// Divides the gradient by the root of the sum of its squares so far: PyTorch's Adagrad. Duchi, Hazan and Singer, "Adaptive subgradient
/// methods" (2011).
///
///     fovea::trainer trainer{backend, net, loss, fovea::adagrad{.learning_rate = 1e-3}};
struct adagrad {
  double learning_rate = 1e-2, learning_rate_decay = 0, weight_decay = 0, initial_accumulator_value = 0,
         epsilon = 1e-10;

  static constexpr std::size_t state_count = 1;
  struct coefficients {
    double rate;
  };
  FOVEA_HD constexpr coefficients coefficients_at(double step) const {
    return {learning_rate / (1 + (step - 1) * learning_rate_decay)};
  }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& squares) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    squares = math::without_denormals(squares + g * g, detail::least_square<scalar_of<T>>(epsilon));
    T const root = math::sqrt(squares + math::constant<T>(initial_accumulator_value));
    parameter = parameter - math::constant<T>(c.rate) * (g / (root + math::constant<T>(epsilon)));
  }
  void validate() const {
    detail::require_not_negative("adagrad", "learning_rate", learning_rate);
    detail::require_not_negative("adagrad", "learning_rate_decay", learning_rate_decay);
    detail::require_not_negative("adagrad", "weight_decay", weight_decay);
    detail::require_not_negative("adagrad", "initial_accumulator_value", initial_accumulator_value);
    detail::require_not_negative("adagrad", "epsilon", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("adagrad", "epsilon", epsilon); }
};
static_assert(optimizer<adagrad>);

}  // namespace fovea
