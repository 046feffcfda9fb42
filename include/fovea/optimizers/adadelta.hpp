// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// Multiplies the gradient by the root of the moving mean of squared steps, and divides it by that of squared gradients: PyTorch's
/// Adadelta. Zeiler (2012).
///
///     fovea::trainer trainer{backend, net, loss, fovea::adadelta{.learning_rate = 1e-3}};
struct adadelta {
  double learning_rate = 1, rho = 0.9, epsilon = 1e-6, weight_decay = 0;

  static constexpr std::size_t state_count = 2;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const&, T& parameter, T const& slope, T& squares, T& steps) const {
    T const share = math::constant<T>(1 - rho), least = math::constant<T>(epsilon);
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    squares = math::without_denormals(squares + share * (g * g - squares));
    T const step = math::sqrt(steps + least) / math::sqrt(squares + least) * g;
    steps = math::without_denormals(steps + share * (step * step - steps));
    parameter = parameter - math::constant<T>(learning_rate) * step;
  }
  void validate() const {
    detail::require_not_negative("adadelta", "learning_rate", learning_rate);
    detail::require_share("adadelta", "rho", rho);
    detail::require_not_negative("adadelta", "weight_decay", weight_decay);
    require(epsilon > 0 && epsilon <= 1e30, "adadelta: epsilon must be finite and above 0", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("adadelta", "epsilon", epsilon); }
};
static_assert(optimizer<adadelta>);

}  // namespace fovea
