// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/cycle_momentum.hpp>
#include <fovea/optimizers/grouping.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/optimizers/schedules.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// An optimizer whose learning rate is multiplied by a schedule. The factor is computed in the backend's memory at each step, so
/// that a recorded step follows it.
///
///     fovea::scheduled{fovea::cosine_decay{.steps = 1000}, fovea::adam{.learning_rate = 1e-3}};
template <class S, class O> struct scheduled {
  static_assert(schedule<S>,
                "scheduled: a schedule is a formula of the steps taken: double operator()(double step) const");
  static_assert(rated<O>,
                "scheduled: this optimizer has no member `double learning_rate` for the schedule to multiply");
  static constexpr bool cycles_momentum = momentum_schedule<S>;
  static_assert(!cycles_momentum || has_momentum<O>,
                "scheduled: this optimizer has no member `double momentum` or `double beta1` for the schedule to set");
  S factor;
  O rule;

  static constexpr std::size_t state_count = O::state_count;
  struct rate_factor {
    double factor;
  };
  struct rate_factor_and_momentum {
    double factor, momentum;
  };
  using now = std::conditional_t<cycles_momentum, rate_factor_and_momentum, rate_factor>;
  struct coefficients {
    now of_step;
    typename O::coefficients of_rule;
  };
  static constexpr bool per_tensor = measures_tensors<O>, per_group = measures_group<O>;
  template <class T>
    requires(detail::measured_sums<O, T> != 0)
  FOVEA_HD constexpr auto measure(T const& parameter, T const& slope) const {
    return rule.measure(parameter, slope);
  }
  template <class... Sum> FOVEA_HD coefficients coefficients_at(double step, Sum... sum) const {
    now of_step{};
    of_step.factor = factor(step - 1);
    if constexpr (cycles_momentum) of_step.momentum = factor.momentum_at(step - 1);
    return {of_step, rule_at(of_step).coefficients_at(step, sum...)};
  }
  template <real T, class... M>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T& slope, M&... state) const {
    rule_at(c.of_step)(c.of_rule, parameter, slope, state...);
  }

  FOVEA_HD constexpr scheduled rate_scaled(double by) const { return {factor, fovea::rate_scaled(rule, by)}; }
  double learning_rate_at(double step) const { return factor(step - 1) * fovea::learning_rate_at(rule, step); }
  void validate() const { fovea::validate(factor), fovea::validate(rule); }
  template <class T> void validate_in() const { fovea::validate_in<T>(rule); }

 private:
  FOVEA_HD constexpr O rule_at(now const& n) const {
    if constexpr (cycles_momentum) return fovea::with_momentum(fovea::rate_scaled(rule, n.factor), n.momentum);
    else return fovea::rate_scaled(rule, n.factor);
  }
};
template <class S, class O> scheduled(S, O) -> scheduled<S, O>;
template <class S, class O> inline constexpr bool prepared<scheduled<S, O>> = prepared<O>;

namespace detail {
/// An optimizer under a schedule. The links of a chain are so one by one where one of them reads ahead, to be seen.
template <class O> struct under_schedule {
  template <class S> static constexpr auto schedule_rule(S const& factor, O const& rule) {
    if constexpr (rated<O>) return fovea::scheduled{factor, rule};
    else return rule;
  }
};
template <class... O>
  requires(reads_ahead<O> || ...) || (prepared<O> || ...)
struct under_schedule<chain<O...>> {
  template <class S> static constexpr auto schedule_rule(S const& factor, chain<O...> const& rule) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return chain{under_schedule<O>::schedule_rule(factor, links<chain<O...>>::template link<J>(rule))...};
    }(std::index_sequence_for<O...>{});
  }
};
template <class S, class O> struct grouping<scheduled<S, O>> : grouping<O> {
  template <std::size_t G> static constexpr auto select(scheduled<S, O> const& s) {
    using selected = std::remove_cvref_t<decltype(grouping<O>::template select<G>(s.rule))>;
    return under_schedule<selected>::schedule_rule(s.factor, grouping<O>::template select<G>(s.rule));
  }
  static auto assign(scheduled<S, O> const& s, std::vector<parameter_range> const& parameters) {
    return grouping<O>::assign(s.rule, parameters);
  }
};
}  // namespace detail

}  // namespace fovea
