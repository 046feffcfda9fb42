// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// Adam that divides by the largest recent gradient instead of the root of the second moment: PyTorch's Adamax. Kingma and Ba (2015), section 7.
///
///     fovea::trainer trainer{backend, net, loss, fovea::adamax{.learning_rate = 1e-3}};
struct adamax {
  double learning_rate = 2e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;

  static constexpr std::size_t state_count = 2;
  struct coefficients {
    double rate;
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    return {learning_rate / detail::bias_correction(beta1, step)};
  }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& largest) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    first = math::without_denormals(first + math::constant<T>(1 - beta1) * (g - first));
    largest = (math::max)(math::constant<T>(beta2) * largest, math::abs(g) + math::constant<T>(epsilon));
    parameter = parameter - math::constant<T>(c.rate) * (first / largest);
  }
  void validate() const {
    detail::validate_moments("adamax", *this);
    require(epsilon > 0, "adamax: epsilon must be above 0", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("adamax", "epsilon", epsilon); }
};
static_assert(optimizer<adamax>);

}  // namespace fovea
