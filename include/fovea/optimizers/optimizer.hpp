// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <fovea/scalar/real.hpp>
#include <fovea/scalar/without_denormals.hpp>

namespace fovea {

namespace math {
// Not a call of numeric_limits, which is a host function.
template <class T> inline constexpr double half_rounding = 0.25 * double{std::numeric_limits<T>::epsilon()};

/// Returns -1, 0 or 1.
template <class T> FOVEA_HD constexpr T sign(T const& x) {
  return math::select(x > T(0), T(1), math::select(x < T(0), T(-1), T(0)));
}
}  // namespace math

/// True if O's update takes one number of state for each index.
template <class O, class T, class Indices> inline constexpr bool updates_state = false;
template <class O, class T, std::size_t... K>
  requires requires(O const o, typename O::coefficients c, T p, T g, T m) { o(c, p, g, ((void)K, m)...); }
inline constexpr bool updates_state<O, T, std::index_sequence<K...>> = true;

/// True if an optimizer measures the gradients before it computes its coefficients.
template <class O, class T = float>
concept measuring = requires(O const o, double step, double sum, T const x) {
  { o.measure(x, x) } -> std::same_as<T>;
  { o.coefficients_at(step, sum) } -> std::same_as<typename O::coefficients>;
};

/// True if a transform draws a random number for each parameter before its update.
template <class O>
concept drawing = requires(O const o, double step, std::uint64_t index) {
  { o.draw(step, index) } -> std::same_as<double>;
};
/// True if a transform scales the gradient of each unit by a factor of the unit's own norms.
template <class O, class T = float>
concept scaling_units = requires(O const o, T const x) {
  { o.unit_scale(x, x) } -> std::same_as<T>;
};
/// True if the first number of an optimizer's state, or of a link's, is written before each update: what it draws, or its unit's
/// factor.
template <class O> inline constexpr bool prepared = drawing<O> || scaling_units<O>;

/// An update rule: an aggregate of hyper-parameters and one formula, which updates one parameter and its state.
///
///   static constexpr std::size_t state_count;          numbers of state per parameter; they start at 0
///   struct coefficients { double ...; };               what the update needs besides the hyper-parameters
///   coefficients coefficients_at(double step) const;   computed once per step; steps count from 1
///   void operator()(coefficients const&, T& parameter, T const& gradient, T&... state) const
///
/// Optional members:
///
///   void validate() const                              throws `argument_error` for a hyper-parameter outside its domain
///   template <class T> void validate_in() const        the same, for one that loses its meaning when it is rounded to T
///   double learning_rate                               what a schedule multiplies
///
/// A transform, for use in a `chain`, takes a `T& gradient` and changes it: a copy of the trainer's, which later rules of the
/// chain read. An optimizer that measures all gradients first, such as a clip by their norm, has instead of `coefficients_at(step)`
///
///   T measure(T const& parameter, T const& gradient) const             what is summed over all parameters
///   coefficients coefficients_at(double step, double sum) const
///   static constexpr bool per_tensor = true;                           optional: over each parameter tensor on its own
///
/// A link of a chain may have the first number of its state written before each update: a random number for each parameter, or a
/// factor for each unit, a row of a parameter tensor, from its sums of squares
///
///   double draw(double step, std::uint64_t index) const                a function of these and the hyper-parameters alone
///   T unit_scale(T const& parameters, T const& gradients) const        with `per_tensor`
///
/// Laws: `operator()` writes nothing but its arguments and reads nothing but these and the hyper-parameters.
/// Counter-example: a rule that counts its own steps.
template <class O, class T = float>
concept optimizer = copyable_value<O> && requires {
  { O::state_count } -> std::convertible_to<std::size_t>;
} && (measuring<O, T> || requires(O const o, double step) {
                      { o.coefficients_at(step) } -> std::same_as<typename O::coefficients>;
                    }) && updates_state<O, T, std::make_index_sequence<O::state_count>>;

/// An optimizer with a learning rate that can be scheduled: a member `double learning_rate`, which its coefficients or its update
/// read; or, if it is made of others, `rate_scaled(factor)` and `learning_rate_at(step)`.
template <class O>
concept rated = requires(O o) {
  { o.learning_rate } -> std::same_as<double&>;
} || requires(O const o, double step) {
  { o.learning_rate_at(step) } -> std::same_as<double>;
};

/// Returns the optimizer with `factor` times its learning rate.
template <rated O> FOVEA_HD constexpr O rate_scaled(O rule, double factor) {
  if constexpr (requires { rule.learning_rate; }) return rule.learning_rate *= factor, rule;
  else return rule.rate_scaled(factor);
}
/// Returns the learning rate of a step, counted from 1.
template <rated O> double learning_rate_at(O const& rule, double step) {
  if constexpr (requires { rule.learning_rate; }) return rule.learning_rate;
  else return rule.learning_rate_at(step);
}
/// Calls `rule.validate_in<T>()` if that member exists.
template <class T, class O> void validate_in(O const& rule) {
  if constexpr (requires { rule.template validate_in<T>(); }) rule.template validate_in<T>();
}

namespace detail {
/// Calls an optimizer with the state that these pointers point to.
template <std::size_t... K, class O, class C, class T>
FOVEA_HD constexpr void call(std::index_sequence<K...>, O const& rule, C const& c, T& parameter, T& slope,
                             [[maybe_unused]] T* const* state) {
  rule(c, parameter, slope, *state[K]...);
}
}  // namespace detail

/// An optimizer's update of one parameter, with its arguments in the order of the backend's `for_each`.
template <class O> struct optimizer_step {
  O rule;
  template <class T, class C, class... S>
  FOVEA_HD constexpr void operator()(T& parameter, C const& coefficients, T const& g, S&... state) const {
    T slope = g;
    rule(coefficients, parameter, slope, state...);
  }
};

}  // namespace fovea
