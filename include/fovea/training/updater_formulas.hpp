// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/tensor/operands.hpp>

/// What an optimizer computes in the backend's memory besides its own update.
namespace fovea {

namespace formulas {

/// Computes the coefficients of a pass in the backend's memory, so that a device needs no data from the host at each step; the
/// first of a step counts it. What a pass measured is the sum of `count` numbers, or several sums, of which `Width` lie together.
template <class O, class First, std::size_t Width> struct pass_coefficients {
  O rule;
  double* step;
  bool begins_step;
  double const* measured;
  std::size_t count;
  typename O::coefficients* destination;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    if (begins_step) *step = *step + 1;
    if constexpr (measuring<First>) {
      double sums[Width] = {};
      for (std::size_t i = 0; i != count; ++i)
        for (std::size_t j = 0; j != Width; ++j) sums[j] += measured[i * Width + j];
      *destination =
          detail::coefficients_from(std::make_index_sequence<detail::measured_sums<First>>{}, rule, *step, sums);
    } else {
      *destination = rule.coefficients_at(*step);
    }
  }
};
/// A factor of the learning rate that may change between two steps, also between two replays of a recorded one.
struct rate_in_memory {
  double const* factor;
  FOVEA_HD constexpr double operator()(double) const { return *factor; }
};
/// Returns what an optimizer measures.
template <class O> struct measure {
  O rule;
  template <class T> FOVEA_HD constexpr auto operator()(T const& parameter, T const& slope) const {
    return rule.measure(parameter, slope);
  }
};
/// Draws the random numbers of a link for the parameters from `begin` on, for the step that has been counted.
template <class O, class T> struct draw_state {
  O rule;
  double const* step;
  std::size_t begin;
  T* destination;
  FOVEA_HD void operator()(std::size_t i) const {
    destination[begin + i] = static_cast<T>(rule.draw(*step, begin + i));
  }
};
/// Sums the squares of a unit's parameters and gradients, and writes the factor of each of its gradients.
struct squares {
  template <class T> FOVEA_HD constexpr terms<T, 2> operator()(T const& parameter, T const& slope) const {
    return {parameter * parameter, slope * slope};
  }
};
template <class O> struct scale_of_unit {
  O rule;
  template <class T> FOVEA_HD constexpr void operator()(T& to, T const& parameters, T const& gradients) const {
    to = rule.unit_scale(parameters, gradients);
  }
};
/// Runs the optimizers of a pass, keeps the gradient that they leave, and returns what the next pass measures of it.
template <class O, class Next> struct pass_before {
  O rule;
  Next next;
  template <class T, class C, class... S>
  FOVEA_HD constexpr auto operator()(T& parameter, C const& coefficients, T const& g, T& left, S&... state) const {
    T slope = g;
    rule(coefficients, parameter, slope, state...);
    left = slope;
    if constexpr (measuring<Next, T>) return next.measure(parameter, slope);
    else return T(0);  // the next pass prepares its state from the gradients that are left
  }
};

}  // namespace formulas

}  // namespace fovea
