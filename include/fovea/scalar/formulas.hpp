// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/scalar/primitives.hpp>

namespace fovea {

/// Formulas of one number, for activations and inverse links. `slope_from_output(y)`, where present, returns the derivative
/// as a function of the output, so that the input need not be stored; otherwise the derivative comes from a dual number.
struct identity_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return x; }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const&) const { return T(1); }
};
/// 1 / (1 + exp(-x)): PyTorch's Sigmoid.
struct sigmoid_formula {
  static constexpr bool gives_probabilities = true;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::sigmoid(x); }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const& y) const { return y * (T(1) - y); }
};
/// max(x, 0): PyTorch's ReLU.
struct relu_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::relu(x); }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const& y) const {
    return math::select(y > T(0), T(1), T(0));
  }
};
/// The hyperbolic tangent: PyTorch's Tanh.
struct tanh_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::tanh(x); }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const& y) const { return (T(1) - y) * (T(1) + y); }
};

}  // namespace fovea
