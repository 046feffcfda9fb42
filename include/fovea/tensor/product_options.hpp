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
template <class T, class E, class B>
constexpr transposed_span<tensor_span<T, E, B>> transposed(tensor_span<T, E, B> const& a) {
  return {a};
}

/// The epilogue that changes nothing.
struct no_epilogue {
  template <class T> FOVEA_HD constexpr void operator()(T&) const {}
};

}  // namespace fovea
