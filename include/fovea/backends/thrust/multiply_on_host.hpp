// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/thrust/run_chunks.hpp>
#include <fovea/tensor/multiply_batch.hpp>
#include <fovea/tensor/product_options.hpp>

namespace fovea::thrust_detail {

using detail::strided;

inline constexpr std::size_t chunk_products = 100000;  // multiplications of a chunk, at least

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

/// Computes rows of c = epilogue(scale a b (+ c)). Each element is one chain of multiply-adds over k in order, at every place,
/// which begins at 0 or at c. b is packed into panels of two registers, filled up with zeros; a tile of c is an array that
/// compilers keep in registers.
template <class T, class Epilogue, class... O> struct product_rows {
  T* c;
  strided<T> a, b;
  std::size_t rows, inner, columns;
  product_options options;
  Epilogue epilogue;
  pack<O...> operands;
  std::size_t length;

  void operator()(std::size_t chunk) const {
    auto const begin = chunk * length, end = (std::min)(rows, (chunk + 1) * length);
    alignas(64) T panel[max_depth * wide];
    for (std::size_t j = 0; j < columns; j += wide) {
      auto const used = (std::min)(wide, columns - j);
      std::size_t k = 0;
      do {  // at least once: an empty sum is 0
        auto const depth = (std::min)(max_depth, inner - k);
        pack_panel(panel, j, used, k, depth);
        auto i = begin;
        for (; i + tall <= end; i += tall) tile<tall>(panel, i, j, used, k, depth);
        for (; i != end; ++i) tile<1>(panel, i, j, used, k, depth);
        k += depth;
      } while (k < inner);
    }
    if constexpr (!std::is_same_v<Epilogue, no_epilogue>)
      for (auto i = begin; i < end; ++i)
        for (std::size_t j = 0; j != columns; ++j)
          operands.apply(at_place<T, Epilogue>{epilogue, {i * columns + j, i, j}});
  }

 private:
#if defined(__AVX512F__)
  static constexpr std::size_t register_bytes = 64;
#elif defined(__AVX__)
  static constexpr std::size_t register_bytes = 32;
#else
  static constexpr std::size_t register_bytes = 16;
#endif
  static constexpr std::size_t wide = 2 * register_bytes / sizeof(T), tall = 6, max_depth = 256;

  void pack_panel(T* panel, std::size_t j, std::size_t used, std::size_t k, std::size_t depth) const {
    T const* const from = b.elements + k * b.row + j * b.column;
    if (b.column == 1) {
      for (std::size_t d = 0; d != depth; ++d)
        for (std::size_t n = 0; n != wide; ++n) panel[d * wide + n] = n < used ? from[d * b.row + n] : T(0);
    } else {
      for (std::size_t n = 0; n != wide; ++n)
        for (std::size_t d = 0; d != depth; ++d) panel[d * wide + n] = n < used ? from[d * b.row + n * b.column] : T(0);
    }
  }
  template <std::size_t Rows>
  void tile(T const* line, std::size_t i, std::size_t j, std::size_t used, std::size_t k, std::size_t depth) const {
    T* const to = c + i * columns + j;
    T sums[Rows][wide] = {};
    if (k != 0 || options.accumulate)
      for (std::size_t r = 0; r != Rows; ++r) std::copy_n(to + r * columns, used, sums[r]);
    auto const scale = static_cast<T>(options.scale);
    T const* from = a.elements + i * a.row + k * a.column;
    for (std::size_t d = 0; d != depth; ++d, from += a.column, line += wide)
#if !defined(__CUDACC__)  // nvcc warns about the pragma, without which GCC keeps the sums in memory
#pragma GCC unroll 6
#endif
      for (std::size_t r = 0; r != Rows; ++r) {
        T const x = scale * from[r * a.row];
        for (std::size_t n = 0; n != wide; ++n) sums[r][n] += x * line[n];
      }
    for (std::size_t r = 0; r != Rows; ++r) std::copy_n(sums[r], used, to + r * columns);
  }
};

/// c = epilogue(scale a b (+ c)) on a host system, whose option says whether a BLAS computes large products.
template <class System, class C, class A, class B, class Epilogue, class... O>
void multiply_on_host(System const& system, C const& c, A const& a, B const& b, product_options options,
                      Epilogue const& epilogue, O const&... operands) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
#if defined(FOVEA_CBLAS)
  if constexpr (!detail::always_uses_own_kernel<C, A>) {
    if (system.products_by_blas() && left.rows != 0 && right.columns != 0 && left.columns != 0 &&
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
  chunks const parts(left.rows, detail::chunk_count(left.rows * right.columns * left.columns, chunk_products));
  system.for_each_n(parts.count, product_rows<T, Epilogue, each<T>, O...>{
                                     c.elements, detail::strided_of(left), detail::strided_of(right), left.rows,
                                     left.columns, right.columns, options, epilogue, all, parts.length});
}

/// Computes whole products of a batch, `length` in a chunk.
template <class Rows> struct products_of_batch {
  Rows first;
  product_batch batch;
  std::size_t length;

  void operator()(std::size_t chunk) const {
    for (auto i = chunk * length; i < (std::min)(batch.count, (chunk + 1) * length); ++i) {
      auto next = first;
      next.c += i * batch.c_stride, next.operands.first.elements += i * batch.c_stride;
      next.a.elements += i * batch.a_stride, next.b.elements += i * batch.b_stride;
      next(0);
    }
  }
};

/// The products of a batch. Where each is too small to be divided, the threads share the products.
template <class System, class C, class A, class B, class Epilogue, class... O>
void multiply_batch_on_host(System const& system, product_batch const& batch, C const& c, A const& a, B const& b,
                            product_options options, Epilogue const& epilogue, O const&... operands) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = detail::matrix_of(a), right = detail::matrix_of(b);
  auto const one = left.rows * right.columns * left.columns;
  if (system.products_by_blas() || detail::chunk_count(one, chunk_products) > 1)
    return detail::for_each_product(batch, c, a, b, [&](auto const& to, auto const& from_a, auto const& from_b) {
      thrust_detail::multiply_on_host(system, to, from_a, from_b, options, epilogue, operands...);
    });
  product_rows<T, Epilogue, each<T>, O...> const first{c.elements,
                                                       detail::strided_of(left),
                                                       detail::strided_of(right),
                                                       left.rows,
                                                       left.columns,
                                                       right.columns,
                                                       options,
                                                       epilogue,
                                                       thrust_detail::packed(each{c.elements}, operands...),
                                                       left.rows};
  chunks const parts(batch.count, detail::chunk_count(batch.count * one, chunk_products));
  system.for_each_n(parts.count,
                    products_of_batch<product_rows<T, Epilogue, each<T>, O...>>{first, batch, parts.length});
}

}  // namespace fovea::thrust_detail
