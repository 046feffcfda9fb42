// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <fovea/layers/pass.hpp>
#include <fovea/scalar/random.hpp>

namespace fovea {

namespace formulas {

/// Draws each parameter uniformly from [-bound, bound), as a function of the seed and of its index in the model.
template <class T> struct draw_uniform {
  T* destination;
  T bound;
  std::uint64_t seed, first;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    destination[i] = bound * (T(2) * uniform<T>(seed, random_stream::initial_parameters, 0, first + i) - T(1));
  }
};
/// Draws each parameter from the standard normal distribution.
template <class T> struct draw_normal {
  T* destination;
  std::uint64_t seed, first;
  FOVEA_HD void operator()(std::size_t i) const {
    destination[i] = normal<T>(seed, random_stream::initial_parameters, 0, first + i);
  }
};
template <class T> struct fill {
  T* destination;
  T with;
  FOVEA_HD constexpr void operator()(std::size_t i) const { destination[i] = with; }
};

}  // namespace formulas

/// What a layer is given to write its first parameters and state.
template <backend B> struct initialization {
  using value_type = typename B::value_type;

  B const& backend;
  layer_place const& place;
  value_type* parameters;  // the model's
  std::byte* state;        // the model's
  std::uint64_t seed;

  /// Writes n numbers of this layer's parameter i, unless that is tied to another one: uniform in [-bound, bound), standard
  /// normal, all equal, or some equal.
  void uniform(std::size_t i, std::size_t n, double bound) const {
    if (place.tied[i]) return;
    backend.for_each_index(
        n, formulas::draw_uniform<value_type>{parameter(i), static_cast<value_type>(bound), seed, place.parameters[i]});
  }
  void normal(std::size_t i, std::size_t n) const {
    if (place.tied[i]) return;
    backend.for_each_index(n, formulas::draw_normal<value_type>{parameter(i), seed, place.parameters[i]});
  }
  void fill(std::size_t i, std::size_t n, double number) const { fill_from(i, 0, n, number); }
  void fill_from(std::size_t i, std::size_t first, std::size_t n, double number) const {
    if (place.tied[i]) return;
    backend.for_each_index(n, formulas::fill<value_type>{parameter(i) + first, static_cast<value_type>(number)});
  }
  /// Writes n numbers of type S of this layer's state i.
  template <class S = value_type> void fill_state(std::size_t i, std::size_t n, S value) const {
    backend.for_each_index(n, formulas::fill<S>{reinterpret_cast<S*>(state + place.state[i]), value});
  }
  value_type* parameter(std::size_t i) const { return parameters + place.parameters[i]; }
  initialization child(std::size_t k) const { return {backend, place.children[k], parameters, state, seed}; }
};

}  // namespace fovea
