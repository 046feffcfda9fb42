// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>

#include <xtensor-blas/xblas.hpp>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/xtensor/run.hpp>

/// Large products by a BLAS, through xtensor-blas: for programs that link the CMake target fovea::xtensor_blas, which defines
/// FOVEA_XTENSOR_BLAS, and ask for it (`xtensor_options::blas`).
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

/// Computes c = epilogue(scale a b (+ c)) if the product is large enough for a BLAS; otherwise returns false.
template <class Arch, class C, class A, class B, class Epilogue, class... O>
bool multiply_by_blas(pool_pointer const& pool, C const& c, A const& a, B const& b, product_options o,
                      Epilogue const& epilogue, O const&... operands) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  if (left.rows == 0 || left.columns == 0 || right.columns == 0 ||
      detail::uses_own_kernel(left.rows, right.columns, left.columns, left.transposed))
    return false;
  detail::prepare_blas();
  detail::blas_blocks<T> const all{c.elements, left, right, o};
  run_chunks(pool.get(), all.count(), [&](std::size_t i) { blas_piece(all, i); });
  if constexpr (!std::same_as<Epilogue, no_epilogue>)
    run<xsimd::batch<T, Arch>>(pool, c.extents, epilogue, std::tuple<>{}, each{c.elements}, operands...);
  return true;
}

}  // namespace fovea::xtensor_detail
