// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam whose first steps are not divided by the root of the second moment, and whose later steps are corrected for the variance of
/// that estimate: PyTorch's RAdam. Liu et al., "On the variance of the adaptive learning rate and beyond" (2020).
///
///     fovea::trainer trainer{backend, net, loss, fovea::radam{.learning_rate = 1e-3}};
struct radam {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;

  static constexpr std::size_t state_count = 2;
  struct coefficients {
    double rate, rectified;  // of the first moment; of it over the second's root, or 0
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    double const power = std::pow(beta2, step), rate = learning_rate / detail::bias_correction(beta1, step);
    double const last = 2 / (1 - beta2) - 1, length = last - 2 * step * power / (1 - power);
    if (!(length > 5)) return {rate, 0};
    double const variance = (length - 4) * (length - 2) * last / ((last - 4) * (last - 2) * length);
    return {0, rate * std::sqrt(variance * (1 - power))};
  }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& second) const {
    adam{learning_rate, beta1, beta2, epsilon, weight_decay}.average(parameter, slope, first, second);
    T const divided = math::constant<T>(c.rectified) / (math::sqrt(second) + math::constant<T>(epsilon));
    T const scale = c.rectified == 0 ? math::constant<T>(c.rate) : divided;
    parameter = parameter - scale * first;
  }
  void validate() const { detail::validate_moments("radam", *this); }
  template <class T> void validate_in() const { detail::require_in<T>("radam", "epsilon", epsilon); }
};
static_assert(optimizer<radam>);

}  // namespace fovea
