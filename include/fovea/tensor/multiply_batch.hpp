// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/tensor/product_options.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// Many products of one shape. The matrices of product i begin i strides, in elements, after those that are given. Stride 0
/// gives a factor to every product. The results must not overlap.
struct product_batch {
  std::size_t count, c_stride, a_stride, b_stride;
};

namespace detail {
/// Returns the matrix of the same shape that begins n elements later.
template <class T, class E, class B> constexpr auto shifted(tensor_span<T, E, B> m, std::size_t n) {
  m.elements += n;
  return m;
}
template <class S> constexpr auto shifted(transposed_span<S> const& m, std::size_t n) {
  return transposed_span<S>{detail::shifted(m.matrix, n)};
}
/// Calls multiply(c, a, b) for each product of the batch.
template <class C, class A, class B, class Multiply>
void for_each_product(product_batch const& batch, C const& c, A const& a, B const& b, Multiply const& multiply) {
  for (std::size_t i = 0; i != batch.count; ++i)
    multiply(detail::shifted(c, i * batch.c_stride), detail::shifted(a, i * batch.a_stride),
             detail::shifted(b, i * batch.b_stride));
}
}  // namespace detail

/// Computes c_i = scale a_i b_i (+ c_i), then the epilogue, for each product of the batch: PyTorch's `bmm` and `baddbmm`, whose
/// matrices may lie apart. The operands of the epilogue are those of one product, and every product reads the same. Where
/// `multiply` gives a row's bits whatever the number of rows, each product has the bits that `multiply` gives it.
///
///     fovea::multiply_batch(backend, {heads, steps * keys, steps * width, keys * width}, scores, queries,
///                           fovea::transposed(keys_of_head), {.scale = 0.125});
///
/// A backend that has a member `multiply_batch(batch, c, a, b, options, epilogue, operands...)` does it in one call; others are
/// called once for each product.
template <class Backend, class C, class A, class B, class Epilogue = no_epilogue, class... O>
void multiply_batch(Backend const& backend, product_batch const& batch, C const& c, A const& a, B const& b,
                    product_options options = {}, Epilogue const& epilogue = {}, O const&... operands) {
  if constexpr (requires { backend.multiply_batch(batch, c, a, b, options, epilogue, operands...); })
    backend.multiply_batch(batch, c, a, b, options, epilogue, operands...);
  else
    detail::for_each_product(batch, c, a, b, [&](auto const& to, auto const& left, auto const& right) {
      backend.multiply(to, left, right, options, epilogue, operands...);
    });
}

}  // namespace fovea
