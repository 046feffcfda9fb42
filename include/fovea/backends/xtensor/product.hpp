// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <xtensor-blas/xblas.hpp>

#include <fovea/backends/xtensor/small_product.hpp>
#include <fovea/backends/xtensor/walk.hpp>

// OpenBLAS starts as many threads as there are cores and then gives other bits; fovea cuts products itself.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int);

namespace fovea::xtensor_detail {

inline void one_blas_thread() {
  [[maybe_unused]] static bool const done = (openblas_set_num_threads ? openblas_set_num_threads(1) : void(), true);
}

/// A matrix as BLAS sees it: row-major, with the distance between its rows.
template <class T> struct blas_matrix {
  T const* at;
  std::size_t rows, columns, stride;
  bool transposed;

  strided<T> elements() const { return transposed ? strided<T>{at, 1, stride} : strided<T>{at, stride, 1}; }
};
template <class T, class E, class B> auto blas_matrix_of(tensor_span<T, E, B> const& m) {
  return blas_matrix<std::remove_const_t<T>>{m.elements, m.extents.template get<0>(), m.extents.template get<1>(),
                                             m.extents.template get<1>(), false};
}
template <class S> auto blas_matrix_of(transposed_span<S> const& m) {
  auto r = blas_matrix_of(m.of);
  std::swap(r.rows, r.columns);
  r.transposed = true;
  return r;
}

/// Whether our own code computes a product. It must not depend on the rows of a batch, which are c's rows unless a is
/// transposed, or a row's result would depend on them.
template <class T> bool is_small(std::size_t rows, std::size_t columns, blas_matrix<T> const& a) {
  return columns <= 64 && (a.transposed ? rows <= 64 : a.columns <= 256);
}

/// What BLAS computes in one call: it arranges both factors anew for each, which for 32 rows takes a quarter of the time.
inline constexpr std::size_t blas_rows = 256, blas_columns = 512;

/// c = scale a b (+ c): the piece of it from that row and column on.
template <class T>
void blas_piece(T* c, std::size_t rows, std::size_t columns, blas_matrix<T> const& a, blas_matrix<T> const& b,
                product_options o, std::size_t row, std::size_t column) {
  auto const order = [](bool t) { return t ? cxxblas::Trans : cxxblas::NoTrans; };
  auto const i = [](std::size_t n) { return static_cast<int>(n); };
  cxxblas::gemm(cxxblas::RowMajor, order(a.transposed), order(b.transposed), i(std::min(blas_rows, rows - row)),
                i(std::min(blas_columns, columns - column)), i(a.columns), static_cast<T>(o.scale),
                a.at + (a.transposed ? row : row * a.stride), i(a.stride),
                b.at + (b.transposed ? column * b.stride : column), i(b.stride), static_cast<T>(o.add_to ? 1 : 0),
                c + row * columns + column, i(columns));
}

template <std::size_t N> extent<N> columns_of([[maybe_unused]] std::size_t n) {
  if constexpr (N == dynamic) return {n};
  else return {};
}

/// c = epilogue(scale a b (+ c)). It is cut by its size alone.
template <class Arch, class C, class A, class B, class Epilogue, class... O>
void multiply(pool_pointer const& pool, C const& c, A const& a, B const& b, product_options o, Epilogue const& epilogue,
              O const&... operands) {
  auto const left = blas_matrix_of(a), right = blas_matrix_of(b);
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  using V = xsimd::batch<T, Arch>;
  auto const rows = c.extents.template get<0>(), columns = c.extents.template get<1>();
  if (rows == 0 || columns == 0) return;
  if (left.columns == 0 || is_small(rows, columns, left)) {
    constexpr auto fixed = std::remove_cvref_t<decltype(c.extents)>::fixed[1];
    small_product<V, T, fixed, finishing<Epilogue, O...>> const product{
        c.elements, columns_of<fixed>(columns), left.columns, left.elements(), right.elements(),
        o,          {epilogue, {operands...}}};
    cut const pieces(rows, 16, std::clamp<std::size_t>(rows * columns * left.columns / 1000000, 1, most_chunks));
    auto const end = [&](std::size_t i) { return std::min(rows, (i + 1) * pieces.length); };
    return run_chunks(pool.get(), pieces.pieces, [&](std::size_t i) { product.rows(i * pieces.length, end(i)); });
  }
  one_blas_thread();
  auto const across = (columns + blas_columns - 1) / blas_columns;
  run_chunks(pool.get(), across * ((rows + blas_rows - 1) / blas_rows), [&](std::size_t i) {
    blas_piece(c.elements, rows, columns, left, right, o, i / across * blas_rows, i % across * blas_columns);
  });
  if constexpr (!std::same_as<Epilogue, as_it_is>)
    walk<V>(pool, c.extents, epilogue, std::tuple<>{}, each{c.elements}, operands...);
}

}  // namespace fovea::xtensor_detail
