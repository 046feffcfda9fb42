// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// A rule whose parameters, every `sync_period` steps, return to slow ones that have moved `slow_step_size` of the way to them.
/// optax's lookahead; Zhang et al., "Lookahead optimizer: k steps forward, 1 step back" (2019).
///
///     fovea::lookahead{fovea::adam{.learning_rate = 1e-3}, 5, 0.5};
template <class O> struct lookahead {
  static_assert(optimizer<O> && !measuring<O>, "lookahead: what measures stands before it, in a chain");
  static_assert(!prepared<O>, "lookahead: what draws or scales units stands before it, in a chain");
  O rule;
  double sync_period = 5, slow_step_size = 0.5;

  static constexpr std::size_t state_count = 1 + O::state_count;
  struct coefficients {
    double begins, share;  // 1 at the first step; of the way to the fast parameters, or 0
    typename O::coefficients of_rule;
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    bool const syncs = std::fmod(step, sync_period) == 0;
    return {step == 1 ? 1. : 0., syncs ? slow_step_size : 0, rule.coefficients_at(step)};
  }
  template <real T, class... M>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T& slope, T& slow, M&... state) const {
    T const zero(0), share = math::constant<T>(c.share);
    slow = math::select(math::constant<T>(c.begins) > zero, parameter, slow);
    rule(c.of_rule, parameter, slope, state...);
    slow = math::without_denormals(slow + share * (parameter - slow));
    parameter = math::select(share > zero, slow, parameter);
  }

  FOVEA_HD constexpr lookahead rate_scaled(double factor) const
    requires rated<O>
  {
    return {fovea::rate_scaled(rule, factor), sync_period, slow_step_size};
  }
  double learning_rate_at(double step) const
    requires rated<O>
  {
    return fovea::learning_rate_at(rule, step);
  }
  void validate() const {
    fovea::validate(rule);
    require(sync_period >= 1 && sync_period <= 1e18 && sync_period == std::floor(sync_period),
            "lookahead: sync_period must be a whole number above 0", sync_period);
    require(slow_step_size > 0 && slow_step_size <= 1, "lookahead: slow_step_size must be in (0, 1]", slow_step_size);
  }
  template <class T> void validate_in() const { fovea::validate_in<T>(rule); }
};
template <class O> lookahead(O) -> lookahead<O>;
template <class O> lookahead(O, double) -> lookahead<O>;
template <class O> lookahead(O, double, double) -> lookahead<O>;

}  // namespace fovea
