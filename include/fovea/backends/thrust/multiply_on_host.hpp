// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/thrust/run_chunks.hpp>
#include <fovea/tensor/product_options.hpp>

namespace fovea::thrust_detail {

using detail::strided;

#if defined(FOVEA_CBLAS)
template <class T> struct blas_piece {
  detail::blas_blocks<T> all;
  void operator()(std::size_t i) const {
    constexpr int row_major = 101;
    auto const order = [](bool t) { return t ? 112 : 111; };  // CblasTrans, CblasNoTrans
    auto const stride = [](std::size_t n) { return static_cast<int>(n); };
    all.run(i, [&](int rows, int columns, T scale, T const* a, T const* b, T add, T* c) {
      auto const gemm = [&](auto f) {
        f(row_major, order(all.a.transposed), order(all.b.transposed), rows, columns, stride(all.a.columns), scale, a,
          stride(all.a.stride), b, stride(all.b.stride), add, c, stride(all.b.columns));
      };
      if constexpr (std::is_same_v<T, float>) gemm(fovea_sgemm);
      else gemm(fovea_dgemm);
    });
  }
};
#endif

/// Computes rows of c = scale a b (+ c), then applies the epilogue. Each element is one sum over k in order, at every place.
template <class T, class Epilogue, class... O> struct product_rows {
  T* c;
  strided<T> a, b;
  std::size_t rows, inner, columns;
  product_options options;
  Epilogue epilogue;
  pack<O...> operands;
  std::size_t length;

  void operator()(std::size_t chunk) const {
    for (auto i = chunk * length; i < (std::min)(rows, (chunk + 1) * length); ++i)
      for (std::size_t first = 0; first < columns; first += block_columns)
        block(i, first, (std::min)(columns, first + block_columns));
  }

 private:
  static constexpr std::size_t block_columns = 256;

  void block(std::size_t i, std::size_t first, std::size_t last) const {
    T sums[block_columns] = {};
    T const* left = a.elements + i * a.row;
    if (b.column == 1) {
      for (std::size_t k = 0; k != inner; ++k) {
        T const x = left[k * a.column];
        T const* right = b.elements + k * b.row + first;
        for (std::size_t j = 0; j != last - first; ++j) sums[j] += x * right[j];
      }
    } else {
      for (auto j = first; j != last; ++j)
        for (std::size_t k = 0; k != inner; ++k)
          sums[j - first] += left[k * a.column] * b.elements[k * b.row + j * b.column];
    }
    for (auto j = first; j != last; ++j) {
      T& to = c[i * columns + j];
      to = static_cast<T>(options.scale) * sums[j - first] + (options.accumulate ? to : T(0));
      operands.apply(at_place<T, Epilogue>{epilogue, {i * columns + j, i, j}});
    }
  }
};

/// c = epilogue(scale a b (+ c)) on a host system. A BLAS computes large products if FOVEA_CBLAS is defined.
template <class System, class C, class A, class B, class Epilogue, class... O>
void multiply_on_host(System const& system, C const& c, A const& a, B const& b, product_options options,
                      Epilogue const& epilogue, O const&... operands) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
#if defined(FOVEA_CBLAS)
  if constexpr (!detail::always_uses_own_kernel<C, A>) {
    if (left.rows != 0 && right.columns != 0 && left.columns != 0 &&
        !detail::uses_own_kernel(left.rows, right.columns, left.columns, left.transposed)) {
      detail::prepare_blas();
      blas_piece<T> const piece{{c.elements, left, right, options}};
      system.for_each_n(piece.all.count(), piece);
      if constexpr (!std::is_same_v<Epilogue, no_epilogue>)
        thrust_detail::run_domain<T>(system, c.extents, epilogue, std::tuple<>{}, each{c.elements}, operands...);
      return;
    }
  }
#endif
  auto const all = thrust_detail::packed(each{c.elements}, operands...);
  chunks const parts(left.rows, detail::chunk_count(left.rows * right.columns * left.columns, 100000));
  system.for_each_n(parts.count, product_rows<T, Epilogue, each<T>, O...>{
                                     c.elements, detail::strided_of(left), detail::strided_of(right), left.rows,
                                     left.columns, right.columns, options, epilogue, all, parts.length});
}

}  // namespace fovea::thrust_detail
