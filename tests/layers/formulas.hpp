// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>

/// The same formula without its own slope; fovea computes the slope with a dual number and never fuses the layer.
template <class F> struct plain {
  F formula{};
  template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const { return formula(x); }
};

/// A formula that is not part of fovea.
struct swish {
  double steepness = 1;
  template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return x * fovea::math::sigmoid(fovea::math::constant<fovea::scalar_of<T>>(steepness) * x);
  }
};

static_assert(fovea::activation_formula<swish> && !fovea::slope_from_output<swish>);
static_assert(!fovea::slope_from_output<plain<fovea::relu_formula>>);
