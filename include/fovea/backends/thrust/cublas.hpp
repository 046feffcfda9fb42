// SPDX-License-Identifier: MIT
#pragma once

#include <climits>
#include <cstddef>
#include <type_traits>

#include <fovea/backends/thrust/cuda_context.hpp>
#include <fovea/backends/thrust/multiply_on_host.hpp>
#include <fovea/tensor/multiply_batch.hpp>

namespace fovea::thrust_detail {

inline cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t a, cublasOperation_t b, int m, int n, int k,
                           float const* scale, float const* left, int lda, long long left_stride, float const* right,
                           int ldb, long long right_stride, float const* keep, float* c, int ldc, long long c_stride,
                           int count) {
  if (count == 1) return cublasSgemm(h, a, b, m, n, k, scale, left, lda, right, ldb, keep, c, ldc);
  return cublasSgemmStridedBatched(h, a, b, m, n, k, scale, left, lda, left_stride, right, ldb, right_stride, keep, c,
                                   ldc, c_stride, count);
}
inline cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t a, cublasOperation_t b, int m, int n, int k,
                           double const* scale, double const* left, int lda, long long left_stride, double const* right,
                           int ldb, long long right_stride, double const* keep, double* c, int ldc, long long c_stride,
                           int count) {
  if (count == 1) return cublasDgemm(h, a, b, m, n, k, scale, left, lda, right, ldb, keep, c, ldc);
  return cublasDgemmStridedBatched(h, a, b, m, n, k, scale, left, lda, left_stride, right, ldb, right_stride, keep, c,
                                   ldc, c_stride, count);
}
inline int blas_size(std::size_t n) {
  if (n > INT_MAX)
    throw argument_error("thrust_backend: a matrix of more than 2^31 - 1 rows or columns, or as many products");
  return static_cast<int>(n);
}

/// c = scale a b (+ c) for each product of the batch. cuBLAS is column-major, so it computes the transpose of c: the transpose of
/// b times that of a.
template <class C, class A, class B>
void multiply_on_device(cuda_context& context, product_batch const& batch, C const& c, A const& a, B const& b,
                        product_options options) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  if (batch.count == 0 || left.rows == 0 || right.columns == 0) return;
  auto const order = [](detail::matrix<T> const& m) { return m.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  auto const leading = [](detail::matrix<T> const& m) { return blas_size(std::max<std::size_t>(1, m.stride)); };
  T const scale = static_cast<T>(options.scale), keep = options.accumulate ? T(1) : T(0);
  auto const stride = [](std::size_t n) { return static_cast<long long>(n); };
  context.with_cublas([&](cublasHandle_t handle) {
    check(gemm(handle, order(right), order(left), blas_size(right.columns), blas_size(left.rows),
               blas_size(left.columns), &scale, right.elements, leading(right), stride(batch.b_stride), left.elements,
               leading(left), stride(batch.a_stride), &keep, c.elements, blas_size(right.columns),
               stride(batch.c_stride), blas_size(batch.count)),
          "cuBLAS's gemm or gemmStridedBatched");
  });
}

}  // namespace fovea::thrust_detail
