// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// A step of the learning rate against the sign of a moving mean of gradients, with decoupled weight decay: optax's lion. Chen et al.,
/// "Symbolic discovery of optimization algorithms" (2023).
///
///     fovea::trainer trainer{backend, net, loss, fovea::lion{.learning_rate = 1e-3}};
struct lion {
  double learning_rate = 1e-4, beta1 = 0.9, beta2 = 0.99, weight_decay = 1e-3;

  static constexpr std::size_t state_count = 1;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const&, T& parameter, T const& slope, T& mean) const {
    T const direction = math::sign(mean + math::constant<T>(1 - beta1) * (slope - mean));
    mean = math::without_denormals(mean + math::constant<T>(1 - beta2) * (slope - mean));
    parameter =
        parameter - math::constant<T>(learning_rate) * (direction + math::constant<T>(weight_decay) * parameter);
  }
  void validate() const { detail::validate_moments("lion", *this); }
};
static_assert(optimizer<lion>);

}  // namespace fovea
