// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// Adam with L2 weight decay, as PyTorch's Adam: Kingma and Ba, "Adam: a method for stochastic optimization" (2015).
///
///     fovea::trainer trainer{backend, net, loss, fovea::adam{.learning_rate = 1e-3, .beta2 = 0.99}};
struct adam {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;

  static constexpr std::size_t state_count = 2;
  struct coefficients {
    double rate, root;  // bias corrections: of the first moment, in the learning rate; of the second moment's root
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    return {learning_rate / detail::bias_correction(beta1, step), 1 / std::sqrt(detail::bias_correction(beta2, step))};
  }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& second) const {
    average(parameter, slope, first, second);
    move(c, parameter, first, second);
  }
  /// The update in two parts: of both moments, and of the parameter.
  template <real T> FOVEA_HD constexpr void average(T const& parameter, T const& slope, T& first, T& second) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    first = math::without_denormals(first + math::constant<T>(1 - beta1) * (g - first));
    second = math::constant<T>(beta2) * second + math::constant<T>(1 - beta2) * (g * g);
    second = math::without_denormals(second, detail::least_square<scalar_of<T>>(epsilon));
  }
  template <real T>
  FOVEA_HD constexpr void move(coefficients const& c, T& parameter, T const& first, T const& second) const {
    T const scale = math::sqrt(second) * math::constant<T>(c.root) + math::constant<T>(epsilon);
    parameter = parameter - math::constant<T>(c.rate) * (first / scale);
  }
  void validate() const { detail::validate_moments("adam", *this); }
  template <class T> void validate_in() const { detail::require_in<T>("adam", "epsilon", epsilon); }
};
static_assert(optimizer<adam>);

}  // namespace fovea
