// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <fovea/tensor/product_options.hpp>

// OpenBLAS starts as many threads as there are cores and then gives other bits; fovea cuts products itself.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int);

#if defined(FOVEA_CBLAS)
// Under names of our own: each BLAS's cblas.h defines the same enumerations, and xtensor-blas brings one too.
#define FOVEA_QUOTED(x) #x
#define FOVEA_SYMBOL(prefix, name) FOVEA_QUOTED(prefix) name
#define FOVEA_GEMM_OF(T)                                                                                        \
  (int order, int a, int b, int rows, int columns, int inner, T scale, T const* at_a, int row_a, T const* at_b, \
   int row_b, T add, T* c, int row_c)
extern "C" void fovea_sgemm FOVEA_GEMM_OF(float) __asm__(FOVEA_SYMBOL(__USER_LABEL_PREFIX__, "cblas_sgemm"));
extern "C" void fovea_dgemm FOVEA_GEMM_OF(double) __asm__(FOVEA_SYMBOL(__USER_LABEL_PREFIX__, "cblas_dgemm"));
#undef FOVEA_GEMM_OF
#undef FOVEA_SYMBOL
#undef FOVEA_QUOTED
#endif

/// What backends that leave large products to a BLAS have in common.
namespace fovea::detail {

inline void one_thread() {
  [[maybe_unused]] static bool const done = (openblas_set_num_threads ? openblas_set_num_threads(1) : void(), true);
}

/// A matrix as BLAS sees it: row-major, with the distance between its rows.
template <class T> struct matrix {
  T const* elements;
  std::size_t rows, columns, stride;
  bool transposed;

  /// Where the part from this row and column on begins.
  T const* part(std::size_t row, std::size_t column) const {
    return transposed ? elements + column * stride + row : elements + row * stride + column;
  }
};
template <class T, class E, class B> auto matrix_of(tensor_span<T, E, B> const& m) {
  return matrix<std::remove_const_t<T>>{m.elements, m.extents.template get<0>(), m.extents.template get<1>(),
                                        m.extents.template get<1>(), false};
}
template <class S> auto matrix_of(transposed_span<S> const& m) {
  auto r = detail::matrix_of(m.matrix);
  std::swap(r.rows, r.columns);
  r.transposed = true;
  return r;
}

/// A matrix as loops see it: element (i, j) lies at `elements[i * row + j * column]`.
template <class T> struct strided {
  T const* elements;
  std::size_t row, column;
};
template <class T> strided<T> strided_of(matrix<T> const& m) {
  return m.transposed ? strided<T>{m.elements, 1, m.stride} : strided<T>{m.elements, m.stride, 1};
}

/// Whether a backend's own code computes a product. It must not depend on the rows of a batch, which are c's rows unless a
/// is transposed, or a row's result would depend on them.
constexpr bool uses_own_kernel(std::size_t rows, std::size_t columns, std::size_t inner, bool a_transposed) {
  return columns <= 64 && (a_transposed ? rows <= 64 : inner <= 256);
}
/// True if the static extents of c and a make every such product small; a `dynamic` extent counts as large.
template <class C, class A> inline constexpr bool always_uses_own_kernel = false;
template <class T, class E, class B, class U, class F>
inline constexpr bool always_uses_own_kernel<tensor_span<T, E, B>, tensor_span<U, F, B>> =
    detail::uses_own_kernel(E::static_extent(0), E::static_extent(1), F::static_extent(1), false);
template <class T, class E, class B, class S>
inline constexpr bool always_uses_own_kernel<tensor_span<T, E, B>, transposed_span<S>> =
    detail::uses_own_kernel(E::static_extent(0), E::static_extent(1), dynamic, true);

/// A product cut into what one call computes. BLAS arranges both factors anew for each, which for pieces of 32 rows takes a
/// quarter of the time, and for these two hundredths.
template <class T> struct pieces {
  T* c;
  matrix<T> a, b;
  product_options options;

  static constexpr std::size_t max_rows = 256, max_columns = 512;
  std::size_t across() const { return (b.columns + max_columns - 1) / max_columns; }
  std::size_t count() const { return across() * ((a.rows + max_rows - 1) / max_rows); }

  /// Calls gemm(rows, columns, scale, a, b, add, c) for piece i.
  template <class Gemm> void run(std::size_t i, Gemm const& gemm) const {
    auto const row = i / across() * max_rows, column = i % across() * max_columns;
    auto const smaller = [](std::size_t x, std::size_t y) { return static_cast<int>(x < y ? x : y); };
    gemm(smaller(max_rows, a.rows - row), smaller(max_columns, b.columns - column), static_cast<T>(options.scale),
         a.part(row, 0), b.part(0, column), static_cast<T>(options.accumulate ? 1 : 0), c + row * b.columns + column);
  }
};

}  // namespace fovea::detail
