// SPDX-License-Identifier: MIT
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fovea/tensor/product_options.hpp>

// OpenBLAS starts one thread per core by default, and its results then differ; fovea divides products among threads itself.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int);
extern "C" __attribute__((weak)) char* openblas_get_corename();

#if defined(FOVEA_CBLAS)
// Declared under names of our own: every BLAS's cblas.h, and xtensor-blas, defines the same enumerations.
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

/// Code shared by the backends that compute large products with a BLAS.
namespace fovea::detail {

/// True for the name of a processor before AVX. An OpenBLAS that does not know a newer processor runs such kernels on it.
inline bool is_before_avx(std::string_view core) {
  std::string lower(core);
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (char const* name : {"katmai", "coppermine", "northwood", "prescott", "banias", "core2", "penryn", "dunnington",
                           "nehalem", "atom", "athlon", "opteron", "opteron_sse3", "barcelona", "bobcat", "nano"})
    if (lower == name) return true;
  return false;
}

/// Sets OpenBLAS to one thread, for the whole process, and warns once if its kernels are older than the processor.
inline void prepare_blas() {
  [[maybe_unused]] static bool const done = [] {
    if (openblas_set_num_threads) openblas_set_num_threads(1);
#if defined(__x86_64__)
    if (openblas_get_corename && detail::is_before_avx(openblas_get_corename()) && __builtin_cpu_supports("avx2"))
      std::fprintf(stderr,
                   "fovea: OpenBLAS does not know this processor and runs its %s kernels, several times slower; set "
                   "OPENBLAS_CORETYPE=%s, or link a newer OpenBLAS\n",
                   openblas_get_corename(), __builtin_cpu_supports("avx512f") ? "SkylakeX" : "Haswell");
#endif
    return true;
  }();
}

/// A matrix as BLAS sees it: row-major, with the distance between rows.
template <class T> struct matrix {
  T const* elements;
  std::size_t rows, columns, stride;
  bool transposed;

  /// Returns the address of the submatrix that begins at this row and column.
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

/// A matrix with two strides: element (i, j) is `elements[i * row + j * column]`.
template <class T> struct strided {
  T const* elements;
  std::size_t row, column;
};
template <class T> strided<T> strided_of(matrix<T> const& m) {
  return m.transposed ? strided<T>{m.elements, 1, m.stride} : strided<T>{m.elements, m.stride, 1};
}

/// True if the backend's own kernel computes a product of these sizes, also where a BLAS is at hand: below, its call costs more
/// than the product. The choice does not depend on the number of rows of a batch (c's rows, unless a is transposed).
constexpr bool uses_own_kernel(std::size_t rows, std::size_t columns, std::size_t inner, bool a_transposed) {
  return columns <= 64 && (a_transposed ? rows <= 64 : inner <= 256);
}
/// True if the static extents of c and a select the own kernel for every such product; a `dynamic` extent counts as large.
template <class C, class A> inline constexpr bool always_uses_own_kernel = false;
template <class T, class E, class B, class U, class F>
inline constexpr bool always_uses_own_kernel<tensor_span<T, E, B>, tensor_span<U, F, B>> =
    detail::uses_own_kernel(E::static_extent(0), E::static_extent(1), F::static_extent(1), false);
template <class T, class E, class B, class S>
inline constexpr bool always_uses_own_kernel<tensor_span<T, E, B>, transposed_span<S>> =
    detail::uses_own_kernel(E::static_extent(0), E::static_extent(1), dynamic, true);

/// A product divided into BLAS calls of at most 256 x 512 elements of c. BLAS repacks both factors in every call: for pieces of
/// 32 rows that costs 25 % of the time, for these 2 %.
template <class T> struct blas_blocks {
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
