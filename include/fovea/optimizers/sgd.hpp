// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Stochastic gradient descent with heavy-ball or Nesterov momentum and L2 weight decay, as PyTorch's SGD.
///
///     fovea::trainer trainer{backend, net, loss, fovea::sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}};
struct sgd {
  double learning_rate = 1e-3, momentum = 0, dampening = 0, weight_decay = 0;
  bool nesterov = false;

  static constexpr std::size_t state_count = 1;
  struct coefficients {
    double gradient_share;  // 1 - dampening, but 1 at the first step: the first velocity is the first gradient
  };
  FOVEA_HD constexpr coefficients coefficients_at(double step) const {
    return {step == 1 || momentum == 0 ? 1 : 1 - dampening};
  }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& velocity) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    velocity = math::constant<T>(momentum) * velocity + math::constant<T>(c.gradient_share) * g;
    velocity = math::without_denormals(velocity);
    T const step = nesterov ? g + math::constant<T>(momentum) * velocity : velocity;
    parameter = parameter - math::constant<T>(learning_rate) * step;
  }
  void validate() const {
    require(learning_rate >= 0 && learning_rate <= 1e30, "sgd: learning_rate must be finite and not negative",
            learning_rate);
    require(momentum >= 0 && momentum <= 1e30, "sgd: momentum must be finite and not negative", momentum);
    require(dampening >= 0 && dampening <= 1, "sgd: dampening must be in [0, 1]", dampening);
    require(weight_decay >= 0 && weight_decay <= 1e30, "sgd: weight_decay must be finite and not negative",
            weight_decay);
    require(!nesterov || (momentum > 0 && dampening == 0), "sgd: nesterov needs a momentum and no dampening; momentum",
            momentum);
  }
};
static_assert(optimizer<sgd>);

}  // namespace fovea
