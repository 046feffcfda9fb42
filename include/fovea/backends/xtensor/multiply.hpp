// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <xtensor-blas/xblas.hpp>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/xtensor/run.hpp>
#include <fovea/backends/xtensor/small_product.hpp>

namespace fovea::xtensor_detail {

template <class T> void blas_piece(detail::blas_blocks<T> const& all, std::size_t i) {
  auto const order = [](bool t) { return t ? cxxblas::Trans : cxxblas::NoTrans; };
  auto const stride = [](std::size_t n) { return static_cast<int>(n); };
  all.run(i, [&](int rows, int columns, T scale, T const* a, T const* b, T add, T* c) {
    cxxblas::gemm(cxxblas::RowMajor, order(all.a.transposed), order(all.b.transposed), rows, columns,
                  stride(all.a.columns), scale, a, stride(all.a.stride), b, stride(all.b.stride), add, c,
                  stride(all.b.columns));
  });
}

template <std::size_t N> extent<N> columns_of([[maybe_unused]] std::size_t n) {
  if constexpr (N == dynamic) return {n};
  else return {};
}

/// c = epilogue(scale a b (+ c)). The size alone decides how the product is divided among threads.
template <class Arch, class C, class A, class B, class Epilogue, class... O>
void multiply(pool_pointer const& pool, C const& c, A const& a, B const& b, product_options o, Epilogue const& epilogue,
              O const&... operands) {
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  using V = xsimd::batch<T, Arch>;
  auto const rows = c.extents.template get<0>(), columns = c.extents.template get<1>();
  if (rows == 0 || columns == 0) return;
  constexpr bool small = detail::always_uses_own_kernel<C, A>;
  if (small || left.columns == 0 || detail::uses_own_kernel(rows, columns, left.columns, left.transposed)) {
    constexpr auto fixed = std::remove_cvref_t<decltype(c.extents)>::static_extent(1);
    small_product<V, T, fixed, finishing<Epilogue, O...>> const product{
        c.elements, columns_of<fixed>(columns), left.columns, detail::strided_of(left), detail::strided_of(right),
        o,          {epilogue, {operands...}}};
    chunks const all(rows, detail::chunk_count(rows * columns * left.columns, 1000000), 16);
    auto const end = [&](std::size_t i) { return std::min(rows, (i + 1) * all.length); };
    return run_chunks(pool.get(), all.count, [&](std::size_t i) { product.rows(i * all.length, end(i)); });
  }
  if constexpr (!small) {
    detail::one_thread();
    detail::blas_blocks<T> const all{c.elements, left, right, o};
    run_chunks(pool.get(), all.count(), [&](std::size_t i) { blas_piece(all, i); });
    if constexpr (!std::same_as<Epilogue, no_epilogue>)
      run<V>(pool, c.extents, epilogue, std::tuple<>{}, each{c.elements}, operands...);
  }
}

}  // namespace fovea::xtensor_detail
