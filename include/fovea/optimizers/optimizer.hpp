// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <fovea/scalar/real.hpp>
#include <fovea/scalar/without_denormals.hpp>
#include <fovea/tensor/extents.hpp>
#include <fovea/tensor/operands.hpp>

namespace fovea {

namespace math {
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

namespace detail {
/// The count of sums that a measurement of this type is.
template <class M, class T> inline constexpr std::size_t sums_of = 0;
template <class T> inline constexpr std::size_t sums_of<T, T> = 1;
template <class T, std::size_t N> inline constexpr std::size_t sums_of<terms<T, N>, T> = N;

/// The count of sums that an optimizer measures; 0 if it measures nothing.
template <class O, class T = float> inline constexpr std::size_t measured_sums = 0;
template <class O, class T>
  requires requires(O const o, T const x) { o.measure(x, x); }
inline constexpr std::size_t measured_sums<O, T> =
    sums_of<std::remove_cvref_t<decltype(std::declval<O const>().measure(std::declval<T>(), std::declval<T>()))>, T>;

/// Returns the coefficients of an optimizer from these sums.
template <std::size_t... J, class O>
FOVEA_HD constexpr auto coefficients_from(std::index_sequence<J...>, O const& rule, double step, double const* sums)
    -> decltype(rule.coefficients_at(step, sums[J]...)) {
  return rule.coefficients_at(step, sums[J]...);
}
}  // namespace detail

/// True if an optimizer measures the gradients before it computes its coefficients.
template <class O, class T = float>
concept measuring = detail::measured_sums<O, T> != 0 && requires(O const o, double step, double const* sums) {
  {
    detail::coefficients_from(std::make_index_sequence<detail::measured_sums<O, T>>{}, o, step, sums)
  } -> std::same_as<typename O::coefficients>;
};

/// True if an optimizer measures each parameter tensor on its own.
template <class O> inline constexpr bool measures_tensors = requires { requires O::per_tensor; };
/// True if an optimizer measures the parameters of its group alone.
template <class O> inline constexpr bool measures_group = requires { requires O::per_group; };

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
/// A parameter tensor as a matrix, in the backend's memory: its parameters and gradients, the numbers of state of each parameter,
/// of which the first is to be written, scratch, four doubles of scratch, and the count of this step.
template <class T> struct matrix_to_precondition {
  std::size_t rows, columns;
  T const *parameters, *gradients;
  T* const* state;
  T* scratch;
  double* numbers;
  double const* step;
};

/// True if an optimizer computes, for each parameter tensor as a matrix, the first number of its state before its update.
template <class O>
concept preconditioning = requires(O const o, std::size_t count) {
  { o.scratch_numbers(count, count) } -> std::same_as<std::size_t>;
};
/// True if the first number of an optimizer's state, or of a link's, is written before each update: what it draws, its unit's
/// factor, or what it makes of a whole tensor.
template <class O> inline constexpr bool prepared = drawing<O> || scaling_units<O> || preconditioning<O>;

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
///   T measure(T const& parameter, T const& gradient) const             what is summed over all parameters, or `terms<T, N>`
///   coefficients coefficients_at(double step, double sum...) const
///   static constexpr bool per_tensor = true;                           optional: over each parameter tensor on its own
///
/// A link of a chain may have the first number of its state written before each update: a random number for each parameter, or a
/// factor for each unit, a row of a parameter tensor, from its sums of squares
///
///   double draw(double step, std::uint64_t index) const                a function of these and the hyper-parameters alone
///   T unit_scale(T const& parameters, T const& gradients) const        with `per_tensor`
///
/// An optimizer whose update of a parameter needs its whole tensor writes the first number of its state itself, with the verbs of
/// the backend. A tensor is a matrix whose rows are its units; a vector has one row. With `per_tensor`:
///
///   std::size_t scratch_numbers(std::size_t rows, std::size_t columns) const            numbers of T
///   void precondition(B const&, matrix_to_precondition<T> const&) const
///
/// A schedule does not reach `precondition`: what depends on the learning rate belongs in the coefficients or in the update.
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
