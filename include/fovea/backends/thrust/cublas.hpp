// SPDX-License-Identifier: MIT
#pragma once

#include <climits>
#include <cstddef>
#include <type_traits>

#include <fovea/backends/thrust/cuda_context.hpp>
#include <fovea/backends/thrust/multiply_on_host.hpp>

namespace fovea::thrust_detail {

inline cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t a, cublasOperation_t b, int m, int n, int k,
                           float const* scale, float const* left, int lda, float const* right, int ldb,
                           float const* keep, float* c, int ldc) {
  return cublasSgemm(h, a, b, m, n, k, scale, left, lda, right, ldb, keep, c, ldc);
}
inline cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t a, cublasOperation_t b, int m, int n, int k,
                           double const* scale, double const* left, int lda, double const* right, int ldb,
                           double const* keep, double* c, int ldc) {
  return cublasDgemm(h, a, b, m, n, k, scale, left, lda, right, ldb, keep, c, ldc);
}
inline int blas_size(std::size_t n) {
  if (n > INT_MAX) throw argument_error("thrust_backend: a matrix of more than 2^31 - 1 rows or columns");
  return static_cast<int>(n);
}

/// c = scale a b (+ c). cuBLAS has columns where we have rows, so it is asked for the transpose of c: b's times a's.
template <class C, class A, class B>
void multiply_on_device(cuda_context& context, C const& c, A const& a, B const& b, product_options options) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = thrust_detail::factor_of(a), right = thrust_detail::factor_of(b);
  if (left.rows == 0 || right.columns == 0) return;
  auto const order = [](factor<T> const& f) { return f.column == 1 && f.row == f.columns ? CUBLAS_OP_N : CUBLAS_OP_T; };
  auto const leading = [&](factor<T> const& f, bool stored) {
    return blas_size(std::max<std::size_t>(1, stored ? f.columns : f.rows));
  };
  auto const of_left = order(left), of_right = order(right);
  T const scale = static_cast<T>(options.scale), keep = options.accumulate ? T(1) : T(0);
  context.with_cublas([&](cublasHandle_t handle) {
    check(gemm(handle, of_right, of_left, blas_size(right.columns), blas_size(left.rows), blas_size(left.columns),
               &scale, right.elements, leading(right, of_right == CUBLAS_OP_N), left.elements,
               leading(left, of_left == CUBLAS_OP_N), &keep, c.elements, blas_size(right.columns)),
          "cublasSgemm or cublasDgemm");
  });
}

}  // namespace fovea::thrust_detail
