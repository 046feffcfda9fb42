// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam with decoupled weight decay, as PyTorch's AdamW: Loshchilov and Hutter, "Decoupled weight decay regularization"
/// (2019).
///
///     fovea::trainer trainer{backend, net, loss, fovea::adamw{.learning_rate = 1e-3, .weight_decay = 0.05}};
struct adamw {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 1e-2;

  static constexpr std::size_t state_count = adam::state_count;
  using coefficients = adam::coefficients;
  FOVEA_HD constexpr adam undecayed() const { return {learning_rate, beta1, beta2, epsilon, 0}; }
  FOVEA_HD coefficients coefficients_at(double step) const { return undecayed().coefficients_at(step); }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& second) const {
    // Not a product with 1 - rate: in float, 1 - rate rounds to a different rate.
    parameter = parameter - math::constant<T>(learning_rate * weight_decay) * parameter;
    undecayed()(c, parameter, slope, first, second);
  }
  void validate() const { detail::validate_moments("adamw", *this); }
  template <class T> void validate_in() const { detail::require_in<T>("adamw", "epsilon", epsilon); }
};
static_assert(optimizer<adamw>);

}  // namespace fovea
