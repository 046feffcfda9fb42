// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/xtensor/large_product.hpp>
#include <fovea/backends/xtensor/run.hpp>
#include <fovea/backends/xtensor/small_product.hpp>

namespace fovea::xtensor_detail {

/// Up to this width, packing does not pay.
inline constexpr std::size_t max_small_columns = 64;

template <std::size_t N> extent<N> columns_of([[maybe_unused]] std::size_t n) {
  if constexpr (N == dynamic) return {n};
  else return {};
}

/// c = epilogue(scale a b (+ c)). The rows of c are divided among the threads, which changes no bit.
template <class Arch, class C, class A, class B, class Epilogue, class... O>
void multiply(pool_pointer const& pool, C const& c, A const& a, B const& b, product_options o, Epilogue const& epilogue,
              O const&... operands) {
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  using V = xsimd::batch<T, Arch>;
  auto const rows = c.extents.template get<0>(), columns = c.extents.template get<1>(), inner = left.columns;
  if (rows == 0 || columns == 0) return;
  auto from_a = detail::strided_of(left);
  auto const from_b = detail::strided_of(right);
  if (o.scale != 1) {
    thread_local panel_buffer<T> scaled;
    auto* const to = scaled.reserve(rows * inner);
    std::transform(left.elements, left.elements + rows * inner, to,
                   [s = static_cast<T>(o.scale)](T x) { return s * x; });
    from_a.elements = to;
  }
  finishing<Epilogue, O...> const finish{epilogue, {operands...}};
  chunks const all(
      rows, (std::min)(detail::chunk_count(rows * columns * inner, 1000000), pool ? 2 * pool->threads() : 1), 16);
  auto const in_chunks = [&](auto const& compute) {
    run_chunks(pool.get(), all.count,
               [&](std::size_t i) { compute(i * all.length, (std::min)(rows, (i + 1) * all.length), i); });
  };
  constexpr auto fixed = std::remove_cvref_t<decltype(c.extents)>::static_extent(1);
  if (columns <= max_small_columns || rows <= 2) {
    small_product<V, T, fixed> const product{c.elements,  columns_of<fixed>(columns), inner, from_a, from_b,
                                             o.accumulate};
    return in_chunks([&](std::size_t begin, std::size_t end, std::size_t) { product.rows(begin, end, finish); });
  }
  if constexpr (fixed > max_small_columns) {
    large_product<V, T> const product{c.elements, rows, columns, inner, from_a, from_b, o.accumulate};
    // The caller's memory for all chunks: which thread computes a chunk is a matter of chance, and so it would be who allocates.
    thread_local panel_buffer<T> panels;
    auto const each = product.panel_elements();
    auto* const first = panels.reserve(all.count * each);
    in_chunks(
        [&](std::size_t begin, std::size_t end, std::size_t i) { product.rows(begin, end, finish, first + i * each); });
  }
}

}  // namespace fovea::xtensor_detail
