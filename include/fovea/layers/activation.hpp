// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/layer.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/scalar/formulas.hpp>
#include <fovea/scalar/reject_std.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// A formula of one number, as a function object that accepts plain and dual numbers.
///
/// Laws: f(x) depends on x and the members of f alone.
/// Counter-example: a formula that calls std::exp, which does not accept dual numbers.
template <class F>
concept activation_formula = copyable_value<F> && requires(F const f, float x, dual<float> d) {
  { f(x) } -> std::convertible_to<float>;
  { f(d) } -> std::convertible_to<dual<float>>;
};
/// An activation formula that computes its derivative from its output, so that its input need not be stored.
///
/// Laws: `f.slope_from_output(f(x))` is the derivative of f at x.
/// Counter-example: x sigmoid(x), which has the same output at two inputs with different slopes.
template <class F>
concept slope_from_output = activation_formula<F> && requires(F const f, float y) {
  { f.slope_from_output(y) } -> std::convertible_to<float>;
};

/// A layer that applies a formula to each element: y = f(x). The derivative is `slope_from_output` or else comes from a
/// dual number.
///
///     struct bump {
///       template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const { return fovea::math::exp(-(x * x)); }
///     };
///     constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::activation<bump>{}};
template <activation_formula F> struct activation {
  F formula{};

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  void validate() const { fovea::validate(formula); }
  template <class T> void validate_in() const { fovea::validate_in<T>(formula); }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>())
      p.backend.for_each(fovea::as_last_axis(x).extents, apply{formula}, each{x.elements}, out{y.elements});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) {
      auto const places = fovea::as_last_axis(dy).extents;
      auto const slopes = each{fovea::read_only(dy).elements};
      if constexpr (slope_from_output<F>)
        p.backend.for_each(places, chain_output{formula}, each{y.elements}, slopes, out{dx.elements});
      else p.backend.for_each(places, chain_input{formula}, each{x.elements}, slopes, out{dx.elements});
    }
  }

  struct apply {
    F f;
    template <class T> FOVEA_HD constexpr void operator()(T const& x, T& y) const { y = f(x); }
  };
  struct chain_output {
    F f;
    template <class T> FOVEA_HD constexpr void operator()(T const& y, T const& dy, T& dx) const {
      dx = dy * f.slope_from_output(y);
    }
  };
  struct chain_input {
    F f;
    template <class T> FOVEA_HD constexpr void operator()(T const& x, T const& dy, T& dx) const {
      dx = dy * fovea::value_and_slope(f, x).slope;
    }
  };
};
template <class F> activation(F) -> activation<F>;

/// The most frequent ones; layers/activations.hpp has the others. `sequential` fuses each with the linear layer before it.
///
///     constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 1>{}};
using relu = activation<relu_formula>;
using sigmoid = activation<sigmoid_formula>;
using tanh = activation<tanh_formula>;

}  // namespace fovea
