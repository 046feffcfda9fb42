// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include <fovea/scalar/real.hpp>

namespace fovea {

/// Whether the update takes this many moments.
template <class O, class T, class Indices> inline constexpr bool updates_moments = false;
template <class O, class T, std::size_t... I>
  requires requires(O const o, typename O::coefficients c, T p, T const g, T m) { o(c, p, g, ((void)I, m)...); }
inline constexpr bool updates_moments<O, T, std::index_sequence<I...>> = true;

/// An update rule: an aggregate of hyper-parameters, the number of moments it keeps of each parameter (all begin at 0), and
/// one formula.
///
///   static constexpr std::size_t moments;
///   struct coefficients { double ...; };
///   coefficients at(double step) const;          computed once a step; steps count from 1
///   void operator()(coefficients const&, T& parameter, T const& gradient, T&... moments) const
///
/// Laws: `operator()` reads and writes nothing but its arguments. Counter-example: a rule that counts its own steps.
template <class O, class T = float>
concept optimizer = std::semiregular<O> && requires(O const o, double step, T x, T const g) {
  { O::moments } -> std::convertible_to<std::size_t>;
  { o.at(step) } -> std::same_as<typename O::coefficients>;
} && updates_moments<O, T, std::make_index_sequence<O::moments>>;

/// One step of an optimizer at one parameter, as the backend's `for_each` calls it.
template <class O> struct optimizer_step {
  O rule;
  template <class T, class C, class... M>
  FOVEA_HD constexpr void operator()(T& parameter, C const& coefficients, T const& gradient, M&... moments) const {
    rule(coefficients, parameter, gradient, moments...);
  }
};

}  // namespace fovea
