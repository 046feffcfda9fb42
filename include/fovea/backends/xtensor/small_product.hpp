// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/xtensor/operand_registers.hpp>
#include <fovea/tensor/product_options.hpp>

/// Small matrix products in SIMD code, for sizes where a BLAS call is mostly overhead. Each element of c is one sum over k in
/// order, so a row's result depends neither on its place nor on the number of rows.
namespace fovea::xtensor_detail {

using detail::strided;

/// Applies the epilogue to a finished batch of c.
template <class Epilogue, class... O> struct finishing {
  Epilogue const& formula;
  std::tuple<O...> operands;

  template <class V, register_part Part> void operator()(V& c, place const& p) const {
    std::apply(
        [&](O const&... o) {
          [&](auto... lanes) {
            formula(c, lanes.value...);
            (lanes.finish(), ...);
          }(operand_register<V, Part, O>(o, p)...);
        },
        operands);
  }
};

template <class V> V multiply_add(V const& a, V const& b, V const& c) {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA)
  return math::fma(a, b, c);
#else
  return a * b + c;
#endif
}

#if defined(__GNUC__)
/// Interleaves the elements of two registers: of their first halves, or of their second halves.
template <std::size_t Half, class R, std::size_t... I> R zipped(R a, R b, std::index_sequence<I...>) {
  constexpr std::size_t n = sizeof...(I);
  return __builtin_shufflevector(a, b, (I / 2 + Half * n / 2 + (I % 2) * n)...);
}
/// Transposes a square of elements that has one row per batch. Each zip moves one bit of an element's row index to its column.
template <class V> void transpose(V (&rows)[V::size]) {
  using every = std::make_index_sequence<V::size>;
  V next[V::size];
#pragma GCC unroll 4
  for (std::size_t done = 1; done != V::size; done *= 2) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i != V::size / 2; ++i) {
      next[2 * i] = zipped<0>(rows[i].data, rows[i + V::size / 2].data, every{});
      next[2 * i + 1] = zipped<1>(rows[i].data, rows[i + V::size / 2].data, every{});
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i != V::size; ++i) rows[i] = next[i];
  }
}
#else
template <class V> void transpose(V (&rows)[V::size]) {
  typename V::value_type all[V::size][V::size], row[V::size];
  for (std::size_t i = 0; i != V::size; ++i) rows[i].store_unaligned(all[i]);
  for (std::size_t i = 0; i != V::size; ++i) {
    for (std::size_t j = 0; j != V::size; ++j) row[j] = all[j][i];
    rows[i] = V::load_unaligned(row);
  }
}
#endif

template <class V, class T, std::size_t Columns, class Finish> class small_product {
 public:
  T* c;
  [[no_unique_address]] extent<Columns> columns;
  std::size_t inner;
  strided<T> a, b;
  product_options options;
  Finish finish;

  /// Computes rows [begin, end) of c.
  void rows(std::size_t begin, std::size_t end) const {
    std::size_t j = 0;
    for (; j + 2 * width <= columns; j += 2 * width) block<2>(extent<2 * width>{}, j, begin, end);
    if constexpr (Columns != dynamic) {
      constexpr auto rest = Columns % (2 * width);
      if constexpr (rest > width) block<2>(extent<rest>{}, j, begin, end);
      else if constexpr (rest != 0) block<1>(extent<rest>{}, j, begin, end);
    } else if (columns - j > width) {
      block<2>(extent<dynamic>{columns - j}, j, begin, end);
    } else if (columns != j) {
      block<1>(extent<dynamic>{columns - j}, j, begin, end);
    }
  }

 private:
  static constexpr std::size_t width = V::size, inner_block = 256;
  static constexpr bool has_masked_loads = masks_lanes<T, typename V::arch_type>;

  /// Computes columns [j, j + used) of those rows, in `Batches` batches.
  template <std::size_t Batches, class Used>
  void block(Used used, std::size_t j, std::size_t begin, std::size_t end) const {
    alignas(64) T packed[inner_block * Batches * width];
    bool const direct = b.column == 1 && (has_masked_loads || used == Batches * width);
    std::size_t const last = direct ? used - (Batches - 1) * width : width;  // lanes of the last batch of a row of b
    std::size_t k = 0;
    do {  // at least once: an empty sum is 0
      auto const depth = std::min(inner_block, inner - k);
      T const* rows_of_b = b.elements + k * b.row + j;
      if (!direct) pack<Batches>(packed, used, j, k, depth), rows_of_b = packed;
      std::size_t const stride = direct ? b.row : Batches * width;
      auto i = begin;
      constexpr std::size_t max_tile_rows = 8 / Batches;
      for (; i + max_tile_rows <= end; i += max_tile_rows)
        tile<max_tile_rows, Batches>(used, i, j, k, depth, rows_of_b, stride, last);
      for (; i < end; ++i) tile<1, Batches>(used, i, j, k, depth, rows_of_b, stride, last);
      k += depth;
    } while (k < inner);
  }

  /// Packs rows from k and columns from j of b, padded with zeros.
  template <std::size_t Batches, class Used>
  void pack(T* packed, Used used, std::size_t j, std::size_t k, std::size_t depth) const {
    constexpr auto padded = Batches * width;
    if (b.column == 1) {
      T const* from = b.elements + k * b.row + j;
      for (std::size_t r = 0; r != depth; ++r, packed += padded, from += b.row)
        for (std::size_t n = 0; n != padded; ++n) packed[n] = n < used ? from[n] : T(0);
    } else {  // b is transposed: transpose squares of it
      for (std::size_t n = 0; n != Batches; ++n)
        for (std::size_t r = 0; r < depth; r += width)
          pack_square(packed + r * padded + n * width, padded, used - n * width,
                      b.elements + (k + r) * b.row + (j + n * width) * b.column, std::min(width, depth - r));
    }
  }
  void pack_square(T* packed, std::size_t padded, std::size_t used, T const* from, std::size_t depth) const {
    V square[width];
#pragma GCC unroll 16
    for (std::size_t n = 0; n != width; ++n) square[n] = V(T(0));
    for (std::size_t n = 0; n != std::min(used, width); ++n)
      square[n] = depth == width ? V::load_unaligned(from + n * b.column)
                                 : load<V, register_part::masked>(from + n * b.column, depth);
    transpose(square);
    for (std::size_t r = 0; r != depth; ++r) square[r].store_aligned(packed + r * padded);
  }

  template <std::size_t Rows, std::size_t Batches, class Used>
  void tile(Used used, std::size_t i, std::size_t j, std::size_t k, std::size_t depth, T const* rows_of_b,
            std::size_t stride, std::size_t last) const {
    V sums[Rows][Batches];
#pragma GCC unroll 8
    for (std::size_t r = 0; r != Rows; ++r)
#pragma GCC unroll 2
      for (std::size_t n = 0; n != Batches; ++n) sums[r][n] = V(T(0));
    T const* from = a.elements + i * a.row + k * a.column;
    for (std::size_t d = 0; d != depth; ++d, from += a.column, rows_of_b += stride) {
      V line[Batches];
      if constexpr (Batches == 2) line[0] = V::load_unaligned(rows_of_b);
      T const* const end_of_line = rows_of_b + (Batches - 1) * width;
      if constexpr (has_masked_loads) line[Batches - 1] = load<V, register_part::masked>(end_of_line, last);
      else line[Batches - 1] = V::load_unaligned(end_of_line);
#pragma GCC unroll 8
      for (std::size_t r = 0; r != Rows; ++r) {
        V const factor(from[r * a.row]);
#pragma GCC unroll 2
        for (std::size_t n = 0; n != Batches; ++n) sums[r][n] = multiply_add(factor, line[n], sums[r][n]);
      }
    }
    bool const begins = k == 0, ends = k + depth == inner;
#pragma GCC unroll 8
    for (std::size_t r = 0; r != Rows; ++r) {
      if constexpr (Batches == 2) put<register_part::all>(sums[r][0], i + r, j, width, begins, ends);
      auto const lanes = used - (Batches - 1) * width;
      auto const column = j + (Batches - 1) * width;
      if (lanes == width) put<register_part::all>(sums[r][Batches - 1], i + r, column, width, begins, ends);
      else put<register_part::masked>(sums[r][Batches - 1], i + r, column, lanes, begins, ends);
    }
  }

  template <register_part Part>
  void put(V value, std::size_t i, std::size_t j, std::size_t lanes, bool first, bool last) const {
    place const p{i * columns + j, i, j, lanes, columns};
    if (options.scale != 1) value = value * V(static_cast<T>(options.scale));
    if (!first || options.accumulate) value = value + load<V, Part>(c + p.flat, p.lanes);
    if (last) finish.template operator()<V, Part>(value, p);
    store<V, Part>(value, c + p.flat, p.lanes);
  }
};

}  // namespace fovea::xtensor_detail
