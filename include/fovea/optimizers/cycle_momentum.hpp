// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/optimizers/schedules.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// A schedule that also has the momentum of each step, which `scheduled` sets.
template <class S>
concept momentum_schedule = schedule<S> && requires(S const s, double step) {
  { s.momentum_at(step) } -> std::same_as<double>;
};

/// An optimizer with a momentum: a member `double momentum`, or `double beta1`.
template <class O>
concept has_momentum = requires(O o) {
  { o.momentum } -> std::same_as<double&>;
} || requires(O o) {
  { o.beta1 } -> std::same_as<double&>;
};
/// Returns the optimizer with another momentum.
template <has_momentum O> FOVEA_HD constexpr O with_momentum(O rule, double momentum) {
  if constexpr (requires { rule.momentum; }) return rule.momentum = momentum, rule;
  else return rule.beta1 = momentum, rule;
}

/// `one_cycle` or `cyclic`, with a momentum, or beta1, that falls from `max_momentum` to `base_momentum` as the learning rate rises,
/// and rises as it falls. PyTorch's `cycle_momentum=True`, whose cyclic schedule has 0.8 and 0.9.
///
///     fovea::scheduled{fovea::cycle_momentum{fovea::one_cycle{.steps = 1000}}, fovea::sgd{.learning_rate = 0.1}};
template <class S> struct cycle_momentum {
  S cycle;
  double base_momentum = 0.85, max_momentum = 0.95;

  FOVEA_HD double operator()(double step) const { return cycle(step); }
  FOVEA_HD double momentum_at(double step) const {
    return max_momentum - (max_momentum - base_momentum) * cycle.height(step);
  }
  void validate() const {
    fovea::validate(cycle);
    require(base_momentum >= 0 && base_momentum < 1, "cycle_momentum: base_momentum must be in [0, 1)", base_momentum);
    require(max_momentum >= 0 && max_momentum < 1, "cycle_momentum: max_momentum must be in [0, 1)", max_momentum);
  }
};
template <class S> cycle_momentum(S) -> cycle_momentum<S>;
template <class S> cycle_momentum(S, double, double) -> cycle_momentum<S>;
static_assert(momentum_schedule<cycle_momentum<one_cycle>> && momentum_schedule<cycle_momentum<cyclic>>);

}  // namespace fovea
