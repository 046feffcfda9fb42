// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// Options of a matrix product: c = scale a b, or c += scale a b.
struct product_options {
  double scale = 1;
  bool accumulate = false;  // c += scale a b
};

/// The transpose of a matrix as a view: `multiply(c, transposed(a), b)`.
template <class Span> struct transposed_span {
  Span matrix;
};
/// Returns the transpose of a matrix, a view.
template <class T, class E, class B>
constexpr transposed_span<tensor_span<T, E, B>> transposed(tensor_span<T, E, B> const& a) {
  return {a};
}

/// A matrix of weights whose memory may be read up to 64 bytes past its end, in whole registers.
template <class Span> struct padded_span {
  Span matrix;
};
/// Returns this view of weights.
template <class T, class E, class B> constexpr padded_span<tensor_span<T, E, B>> padded(tensor_span<T, E, B> const& a) {
  return {a};
}

/// The epilogue that changes nothing.
struct no_epilogue {
  template <class T> FOVEA_HD constexpr void operator()(T&) const {}
};

namespace formulas {

/// Computes f(x + bias) in place: the epilogue of a layer's product.
template <class F> struct add_bias {
  F f;
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& bias) const { x = f(x + bias); }
};

}  // namespace formulas

}  // namespace fovea
