// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/xtensor/large_product.hpp>
#include <fovea/backends/xtensor/run.hpp>
#include <fovea/backends/xtensor/small_product.hpp>
#include <fovea/tensor/multiply_batch.hpp>

namespace fovea::xtensor_detail {

/// Up to this width, packing does not pay.
inline constexpr std::size_t max_small_columns = 64;

template <std::size_t N> extent<N> columns_of([[maybe_unused]] std::size_t n) {
  if constexpr (N == dynamic) return {n};
  else return {};
}

/// A product whose rows may be computed apart: by `small_product` or `large_product`, by its size alone.
template <class V, class T, class C> struct product {
  C c;
  std::size_t inner;
  strided<T> a, b;
  bool accumulate;

  std::size_t all_rows() const { return c.extents.template get<0>(); }
  /// The number of elements that `rows` needs for panels.
  std::size_t panel_elements() const {
    if constexpr (may_be_large)
      if (!is_small()) return large().panel_elements();
    return 0;
  }
  /// Computes rows [begin, end) of c.
  template <class Finish> void rows(std::size_t begin, std::size_t end, Finish const& finish, T* panels) const {
    if constexpr (may_be_large)
      if (!is_small()) return large().rows(begin, end, finish, panels);
    small_product<V, T, fixed>{c.elements, columns_of<fixed>(columns()), inner, a, b, accumulate}.rows(begin, end,
                                                                                                       finish);
  }

 private:
  static constexpr auto fixed = std::remove_cvref_t<decltype(C::extents)>::static_extent(1);
  static constexpr bool may_be_large = fixed > max_small_columns;

  std::size_t columns() const { return c.extents.template get<1>(); }
  bool is_small() const { return columns() <= max_small_columns || all_rows() <= 2; }
  large_product<V, T> large() const { return {c.elements, all_rows(), columns(), inner, a, b, accumulate}; }
};

/// Copies n elements, scaled.
template <class T> void scale_into(T* to, T const* from, std::size_t n, double scale) {
  std::transform(from, from + n, to, [s = static_cast<T>(scale)](T x) { return s * x; });
}
inline std::size_t parallel_chunks(pool_pointer const& pool, std::size_t multiplications) {
  return (std::min)(detail::chunk_count(multiplications, 1000000), pool ? 2 * pool->threads() : 1);
}

/// c = epilogue(scale a b (+ c)). The rows of c are divided among the threads, which changes no bit.
template <class Arch, class C, class A, class B, class Epilogue, class... O>
void multiply(pool_pointer const& pool, C const& c, A const& a, B const& b, product_options o, Epilogue const& epilogue,
              O const&... operands) {
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const rows = c.extents.template get<0>(), columns = c.extents.template get<1>(), inner = left.columns;
  if (rows == 0 || columns == 0) return;
  auto from_a = detail::strided_of(left);
  if (o.scale != 1) {
    thread_local panel_buffer<T> scaled;
    auto* const to = scaled.reserve(rows * inner);
    xtensor_detail::scale_into(to, left.elements, rows * inner, o.scale);
    from_a.elements = to;
  }
  finishing<Epilogue, O...> const finish{epilogue, {operands...}};
  product<xsimd::batch<T, Arch>, T, C> const all{c, inner, from_a, detail::strided_of(right), o.accumulate};
  chunks const parts(rows, xtensor_detail::parallel_chunks(pool, rows * columns * inner), 16);
  // The caller's memory for all chunks: which thread computes a chunk is a matter of chance, and so it would be who allocates.
  thread_local panel_buffer<T> panels;
  auto const each = all.panel_elements();
  auto* const first = panels.reserve(parts.count * each);
  run_chunks(pool.get(), parts.count, [&](std::size_t i) {
    all.rows(i * parts.length, (std::min)(rows, (i + 1) * parts.length), finish, first + i * each);
  });
}

/// The products of a batch. Where each is too small to be divided, the threads share the products.
template <class Arch, class C, class A, class B, class Epilogue, class... O>
void multiply_batch(pool_pointer const& pool, product_batch const& batch, C const& c, A const& a, B const& b,
                    product_options o, Epilogue const& epilogue, O const&... operands) {
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const rows = c.extents.template get<0>(), one = rows * right.columns * left.columns;
  chunks const parts(batch.count, xtensor_detail::parallel_chunks(pool, batch.count * one));
  if (parts.count <= 1 || xtensor_detail::parallel_chunks(pool, one) > 1)
    return detail::for_each_product(batch, c, a, b, [&](auto const& to, auto const& from_a, auto const& from_b) {
      xtensor_detail::multiply<Arch>(pool, to, from_a, from_b, o, epilogue, operands...);
    });
  finishing<Epilogue, O...> const finish{epilogue, {operands...}};
  using V = xsimd::batch<T, Arch>;
  product<V, T, C> const any{c, left.columns, detail::strided_of(left), detail::strided_of(right), o.accumulate};
  constexpr std::size_t line = 64 / sizeof(T);  // every chunk's memory is aligned
  auto const scaled = o.scale == 1 ? 0 : (rows * left.columns + line - 1) / line * line,
             each = scaled + (any.panel_elements() + line - 1) / line * line;
  thread_local panel_buffer<T> memory;
  auto* const first = memory.reserve(parts.count * each);
  run_chunks(pool.get(), parts.count, [&](std::size_t chunk) {
    auto* const own = first + chunk * each;
    for (auto i = chunk * parts.length; i < (std::min)(batch.count, (chunk + 1) * parts.length); ++i) {
      auto next = any;
      next.c.elements += i * batch.c_stride, next.b.elements += i * batch.b_stride;
      next.a.elements += i * batch.a_stride;
      if (scaled != 0) {
        xtensor_detail::scale_into(own, next.a.elements, rows * left.columns, o.scale);
        next.a.elements = own;
      }
      next.rows(0, rows, finish, own + scaled);
    }
  });
}

}  // namespace fovea::xtensor_detail
