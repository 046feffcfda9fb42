// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>

/// The same formula without its slope, which then comes from a dual number; a layer of it is never fused.
template <class F> struct plain {
  F formula{};
  template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const { return formula(x); }
};

/// A formula that fovea does not have.
struct swish {
  double steepness = 1;
  template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return x * fovea::math::sigmoid(fovea::math::constant<fovea::scalar_of<T>>(steepness) * x);
  }
};

static_assert(fovea::activation_formula<swish> && !fovea::slope_from_output<swish>);
static_assert(!fovea::slope_from_output<plain<fovea::relu_formula>>);
