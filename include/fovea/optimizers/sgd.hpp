// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

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
    detail::require_not_negative("sgd", "learning_rate", learning_rate);
    detail::require_not_negative("sgd", "momentum", momentum);
    require(dampening >= 0 && dampening <= 1, "sgd: dampening must be in [0, 1]", dampening);
    detail::require_not_negative("sgd", "weight_decay", weight_decay);
    require(!nesterov || (momentum > 0 && dampening == 0), "sgd: nesterov needs a momentum and no dampening; momentum",
            momentum);
  }
};
static_assert(optimizer<sgd>);

}  // namespace fovea
