// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include <fovea/scalar/real.hpp>

namespace fovea {

/// True if the update takes this many numbers of state.
template <class O, class T, class Indices> inline constexpr bool updates_state = false;
template <class O, class T, std::size_t... I>
  requires requires(O const o, typename O::coefficients c, T p, T const g, T m) { o(c, p, g, ((void)I, m)...); }
inline constexpr bool updates_state<O, T, std::index_sequence<I...>> = true;

/// An update rule: an aggregate of hyper-parameters, the count of numbers it keeps for each parameter (its state, which begins at 0), and
/// one formula.
///
///   static constexpr std::size_t state_count;
///   struct coefficients { double ...; };
///   coefficients coefficients_at(double step) const;   computed once a step; steps count from 1
///   void operator()(coefficients const&, T& parameter, T const& gradient, T&... state) const
///
/// Laws: `operator()` reads and writes nothing but its arguments. Counter-example: a rule that counts its own steps.
template <class O, class T = float>
concept optimizer = std::semiregular<O> && requires(O const o, double step, T x, T const g) {
  { O::state_count } -> std::convertible_to<std::size_t>;
  { o.coefficients_at(step) } -> std::same_as<typename O::coefficients>;
} && updates_state<O, T, std::make_index_sequence<O::state_count>>;

/// One step of an optimizer at one parameter, as the backend's `for_each` calls it.
template <class O> struct optimizer_step {
  O rule;
  template <class T, class C, class... S>
  FOVEA_HD constexpr void operator()(T& parameter, C const& coefficients, T const& gradient, S&... state) const {
    rule(coefficients, parameter, gradient, state...);
  }
};

}  // namespace fovea
