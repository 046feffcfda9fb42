// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Adds `weight_decay` times the parameter to the gradient, for the rule that follows in a `chain`. optax's add_decayed_weights.
///
///     fovea::chain{fovea::add_decayed_weights{1e-4}, fovea::sgd{.learning_rate = 0.1}};
struct add_decayed_weights {
  double weight_decay = 1e-2;

  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const&, T& parameter, T& slope) const {
    slope = slope + math::constant<T>(weight_decay) * parameter;
  }
  void validate() const {
    require(weight_decay >= 0 && weight_decay <= 1e30,
            "add_decayed_weights: weight_decay must be finite and not negative", weight_decay);
  }
};
static_assert(optimizer<add_decayed_weights>);

/// Takes `learning_rate` times `weight_decay` of the parameter away, whatever the gradient: before a rule in a `chain`, what
/// `adamw` does before Adam's. Loshchilov and Hutter, "Decoupled weight decay regularization" (2019).
///
///     fovea::chain{fovea::decoupled_weight_decay{.learning_rate = 0.1, .weight_decay = 0.01}, fovea::sgd{.learning_rate = 0.1}};
struct decoupled_weight_decay {
  double learning_rate = 1e-3, weight_decay = 1e-2;

  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const&, T& parameter, T&) const {
    parameter = parameter - math::constant<T>(learning_rate * weight_decay) * parameter;
  }
  void validate() const {
    require(learning_rate >= 0 && learning_rate <= 1e30,
            "decoupled_weight_decay: learning_rate must be finite and not negative", learning_rate);
    require(weight_decay >= 0 && weight_decay <= 1e30,
            "decoupled_weight_decay: weight_decay must be finite and not negative", weight_decay);
  }
};
static_assert(optimizer<decoupled_weight_decay>);

}  // namespace fovea
