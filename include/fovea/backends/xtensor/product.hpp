// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <xtensor-blas/xblas.hpp>

#include <fovea/backends/xtensor/walk.hpp>
#include <fovea/tensor/product.hpp>

// OpenBLAS starts as many threads as there are cores and then gives other bits; fovea cuts products itself.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int);

namespace fovea::xtensor_detail {

inline void one_blas_thread() {
  static bool const done = [] {
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    return true;
  }();
  (void)done;
}

/// A matrix as BLAS sees it: row-major, with the distance between its rows.
template <class T> struct operand_matrix {
  T const* at;
  std::size_t rows, columns, stride;
  bool transposed;
};
template <class T, class E, class B> auto operand_of(tensor_span<T, E, B> const& m) {
  return operand_matrix<std::remove_const_t<T>>{m.elements, m.extents.at[0], m.extents.at[1], m.extents.at[1], false};
}
template <class S> auto operand_of(transposed_span<S> const& m) {
  auto r = operand_of(m.of);
  std::swap(r.rows, r.columns);
  r.transposed = true;
  return r;
}

/// c = scale a b (+ c), rows [begin, end) of it.
template <class T>
void blas_rows(T* c, std::size_t columns, operand_matrix<T> const& a, operand_matrix<T> const& b, product_options o,
               std::size_t begin, std::size_t end) {
  auto const order = [](bool t) { return t ? cxxblas::Trans : cxxblas::NoTrans; };
  auto const i = [](std::size_t n) { return static_cast<int>(n); };
  cxxblas::gemm(cxxblas::RowMajor, order(a.transposed), order(b.transposed), i(end - begin), i(columns), i(a.columns),
                static_cast<T>(o.scale), a.at + (a.transposed ? begin : begin * a.stride), i(a.stride), b.at, i(b.stride),
                static_cast<T>(o.add_to ? 1 : 0), c + begin * columns, i(columns));
}

/// c = scale a b (+ c). Rows are cut by the size alone.
template <class Arch, class C, class A, class B>
void multiply(pool_pointer const& pool, C const& c, A const& a, B const& b, product_options o) {
  one_blas_thread();
  auto const left = operand_of(a), right = operand_of(b);
  auto const rows = c.extents.at[0], columns = c.extents.at[1];
  if (rows == 0 || columns == 0) return;
  cut const pieces(rows, 16, std::clamp<std::size_t>(rows * columns * left.columns / 4000000, 1, most_chunks));
  run_chunks(pool.get(), pieces.pieces, [&](std::size_t i) {
    blas_rows(c.elements, columns, left, right, o, i * pieces.length, std::min(rows, (i + 1) * pieces.length));
  });
}

}  // namespace fovea::xtensor_detail
