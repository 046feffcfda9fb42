// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/optimizers/weight_decay.hpp>

/// LAMB and LARS, for large batches, and the links that they are made of.
namespace fovea {

/// Scales the gradient of each parameter tensor by `trust_coefficient` times the norm of the parameters divided by that of the
/// gradient plus `epsilon`; by 1 where either norm is 0. optax's scale_by_trust_ratio.
struct scale_by_trust_ratio {
  double trust_coefficient = 1, epsilon = 0;

  static constexpr std::size_t state_count = 0;
  static constexpr bool per_tensor = true;
  struct coefficients {
    double scale;
  };
  template <class T> FOVEA_HD constexpr terms<T, 2> measure(T const& parameter, T const& slope) const {
    return {parameter * parameter, slope * slope};
  }
  FOVEA_HD coefficients coefficients_at(double, double parameters, double slopes) const {
    bool const scales = parameters > 0 && slopes > 0;
    return {scales ? trust_coefficient * std::sqrt(parameters) / (std::sqrt(slopes) + epsilon) : 1};
  }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const& c, T&, T& slope) const {
    slope = slope * math::constant<T>(c.scale);
  }
  void validate() const {
    require(trust_coefficient > 0 && trust_coefficient <= 1e30,
            "scale_by_trust_ratio: trust_coefficient must be finite and above 0", trust_coefficient);
    detail::require_not_negative("scale_by_trust_ratio", "epsilon", epsilon);
  }
};
static_assert(optimizer<scale_by_trust_ratio>);

/// Replaces the gradient by the direction of Adam's step. optax's scale_by_adam.
struct scale_by_adam {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

  static constexpr std::size_t state_count = 2;
  using coefficients = adam::coefficients;
  FOVEA_HD coefficients coefficients_at(double step) const { return plain().coefficients_at(step); }
  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T& slope, T& first, T& second) const {
    plain().average(parameter, slope, first, second);
    slope = T(0);
    plain().move(c, slope, first, second);
    slope = -slope;
  }
  void validate() const {
    detail::require_share("scale_by_adam", "beta1", beta1);
    detail::require_share("scale_by_adam", "beta2", beta2);
    detail::require_not_negative("scale_by_adam", "epsilon", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("scale_by_adam", "epsilon", epsilon); }

 private:
  FOVEA_HD constexpr adam plain() const { return {1, beta1, beta2, epsilon, 0}; }
};
static_assert(optimizer<scale_by_adam>);

/// The options of `lamb`, with optax's defaults.
struct lamb_options {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6, weight_decay = 0;
};
/// Returns the chain that is LAMB: AdamW's direction, as long as each tensor's parameters are. optax's lamb; You et al., "Large
/// batch optimization for deep learning: training BERT in 76 minutes" (2020).
///
///     fovea::trainer trainer{backend, net, loss, fovea::lamb({.learning_rate = 2e-3, .weight_decay = 0.01})};
constexpr auto lamb(lamb_options const& o = {}) {
  return chain{scale_by_adam{o.beta1, o.beta2, o.epsilon}, add_decayed_weights{o.weight_decay}, scale_by_trust_ratio{},
               sgd{.learning_rate = o.learning_rate}};
}

/// The options of `lars`, with optax's defaults.
struct lars_options {
  double learning_rate = 1e-3, weight_decay = 0, trust_coefficient = 1e-3, epsilon = 0, momentum = 0.9;
  bool nesterov = false;
};
/// Returns the chain that is LARS: SGD whose gradients are `trust_coefficient` times as long as each tensor's parameters. optax's lars;
/// You et al., "Large batch training of convolutional networks" (2017). Under a schedule, the momentum is of gradients before the
/// learning rate, as in PyTorch's SGD; optax multiplies by the rate first.
constexpr auto lars(lars_options const& o = {}) {
  return chain{add_decayed_weights{o.weight_decay}, scale_by_trust_ratio{o.trust_coefficient, o.epsilon},
               sgd{.learning_rate = o.learning_rate, .momentum = o.momentum, .nesterov = o.nesterov}};
}

}  // namespace fovea
