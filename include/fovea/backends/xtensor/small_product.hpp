// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/backends/blas.hpp>
#include <fovea/backends/xtensor/operand_registers.hpp>
#include <fovea/scalar/formulas.hpp>
#include <fovea/tensor/product_options.hpp>

/// Small matrix products in SIMD code, with static widths where they are known: for sizes whose factors are not worth packing.
/// Each element of c is one chain of multiply-adds over k in order, which begins at 0 or at c.
namespace fovea::xtensor_detail {

using detail::strided;

/// Applies the epilogue to a finished batch of c.
template <class Epilogue, class... O> struct finishing {
  static constexpr bool does_nothing = std::same_as<Epilogue, no_epilogue>;
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

/// Formulas without a product and a sum that a compiler could contract: their bits are the same wherever they are inlined.
template <class F>
concept exact_formula = std::same_as<F, identity_formula> || std::same_as<F, relu_formula>;
/// Epilogues so small that they are applied to the registers of every tile.
template <class Finish> inline constexpr bool finishes_registers = false;
template <exact_formula F, class T>
inline constexpr bool finishes_registers<finishing<formulas::add_bias<F>, per_column<T>>> = true;

/// Stores the epilogue of a tile's finished sums in c: rows from i on, columns [j, j + used). `sums` are still in the first cache: whole
/// registers, or the tile of c itself. Applied in the registers instead, the epilogue would be compiled into every height and row of
/// a tile.
template <class V, bool WholeRegisters = false, class T, class Finish>
[[gnu::noinline]] void finish_tile(Finish const& finish, T const* sums, std::size_t row_of_sums, T* c,
                                   std::size_t columns, std::size_t i, std::size_t rows, std::size_t j,
                                   std::size_t used) {
  auto const apply = [&]<register_part Part>(T const* from, place const& p) {
    V elements = load < V, WholeRegisters ? register_part::all : Part > (from, p.lanes);
    finish.template operator()<V, Part>(elements, p);
    store<V, Part>(elements, c + p.flat, p.lanes);
  };
  for (std::size_t r = i; r != i + rows; ++r, sums += row_of_sums)
    for (std::size_t n = 0; n < used; n += V::size) {
      auto const lanes = (std::min)(V::size, used - n);
      place const p{r * columns + j + n, r, j + n, lanes, columns};
      if (lanes == V::size) apply.template operator()<register_part::all>(sums + n, p);
      else apply.template operator()<register_part::masked>(sums + n, p);
    }
}
template <class V, class T, class Finish>
void finish_tile(Finish const& finish, T* c, std::size_t columns, std::size_t i, std::size_t rows, std::size_t j,
                 std::size_t used) {
  fovea::xtensor_detail::finish_tile<V>(finish, c + i * columns + j, columns, c, columns, i, rows, j, used);
}

template <class V> V multiply_add(V const& a, V const& b, V const& c) {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA)
  return math::fma(a, b, c);
#else
  return a * b + c;
#endif
}

#if defined(__GNUC__)
/// Interleaves the elements of two registers: of their first halves, or of their second halves.
template <std::size_t Half, class R, std::size_t... K> R zipped(R a, R b, std::index_sequence<K...>) {
  constexpr std::size_t n = sizeof...(K);
  return __builtin_shufflevector(a, b, (K / 2 + Half * n / 2 + (K % 2) * n)...);
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

/// c = finish(a b (+ c)) for c (.., columns), a (.., inner) and b (inner, columns).
template <class V, class T, std::size_t Columns> class small_product {
  static constexpr bool has_masked_loads = masks_lanes<T, typename V::arch_type>;

 public:
  T* c;
  [[no_unique_address]] extent<Columns> columns;
  std::size_t inner;
  strided<T> a, b;
  bool accumulate;

  /// Computes rows [begin, end) of c.
  template <class Finish> void rows(std::size_t begin, std::size_t end, Finish const& finish) const {
    std::size_t j = 0;
    for (; j + 2 * width <= columns; j += 2 * width) block<2>(extent<2 * width>{}, j, begin, end, finish);
    if constexpr (Columns != dynamic) {
      constexpr auto rest = Columns % (2 * width);
      if constexpr (rest > width) block<2>(extent<rest>{}, j, begin, end, finish);
      else if constexpr (rest != 0) block<1>(extent<rest>{}, j, begin, end, finish);
    } else if (columns - j > width) {
      block<2>(extent<dynamic>{columns - j}, j, begin, end, finish);
    } else if (columns != j) {
      block<1>(extent<dynamic>{columns - j}, j, begin, end, finish);
    }
  }

 private:
  static constexpr std::size_t width = V::size, inner_block = 256;

  /// Computes columns [j, j + used) of those rows, in `Batches` batches.
  template <std::size_t Batches, class Used, class Finish>
  void block(Used used, std::size_t j, std::size_t begin, std::size_t end, Finish const& finish) const {
    alignas(64) T packed[inner_block * Batches * width];
    bool const direct = b.column == 1 && (has_masked_loads || used == Batches * width);
    std::size_t const last = direct ? used - (Batches - 1) * width : width;  // lanes of the last batch of a row of b
    std::size_t k = 0;
    do {  // at least once: an empty sum is 0
      auto const depth = (std::min)(inner_block, inner - k);
      T const* rows_of_b = b.elements + k * b.row + j;
      if (!direct) pack<Batches>(packed, used, j, k, depth), rows_of_b = packed;
      std::size_t const stride = direct ? b.row : Batches * width;
      auto const tiles = [&]<std::size_t Rows>(extent<Rows>, std::size_t i) {
        for (; i + Rows <= end; i += Rows) {
          tile<Rows, Batches>(used, i, j, k, depth, rows_of_b, stride, last, k + depth == inner ? &finish : nullptr);
        }
        return i;
      };
      constexpr std::size_t tile_rows = (has_masked_loads ? 8 : 12) / Batches;
      tiles(extent<1>{}, tiles(extent<2>{}, tiles(extent<tile_rows>{}, begin)));
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
                      b.elements + (k + r) * b.row + (j + n * width) * b.column, (std::min)(width, depth - r));
    }
  }
  void pack_square(T* packed, std::size_t padded, std::size_t used, T const* from, std::size_t depth) const {
    V square[width];
#pragma GCC unroll 16
    for (std::size_t n = 0; n != width; ++n) square[n] = V(T(0));
    for (std::size_t n = 0; n != (std::min)(used, width); ++n)
      square[n] = depth == width ? V::load_unaligned(from + n * b.column)
                                 : load<V, register_part::masked>(from + n * b.column, depth);
    transpose(square);
    for (std::size_t r = 0; r != depth; ++r) square[r].store_aligned(packed + r * padded);
  }

  /// Computes a tile of c, and finishes it if `finish` is not null.
  template <std::size_t Rows, std::size_t Batches, class Used, class Finish>
  void tile(Used used, std::size_t i, std::size_t j, std::size_t k, std::size_t depth, T const* rows_of_b,
            std::size_t stride, std::size_t last, [[maybe_unused]] Finish const* finish) const {
    V sums[Rows][Batches];
    T* const to = c + i * columns + j;
    auto const lanes = used - (Batches - 1) * width;
    // Without masked instructions, a tile at the right edge is stored by way of a copy.
    alignas(64) T copy[Rows * Batches * width];
    bool const by_copy = !has_masked_loads && lanes != width;
    if (by_copy && (k != 0 || accumulate))
      for (std::size_t r = 0; r != Rows; ++r) std::copy_n(to + r * columns, used, copy + r * Batches * width);
    T* const at = by_copy ? copy : to;
    std::size_t const row = by_copy ? Batches * width : std::size_t{columns};
#pragma GCC unroll 16
    for (std::size_t r = 0; r != Rows; ++r)
#pragma GCC unroll 2
      for (std::size_t n = 0; n != Batches; ++n) {
        if (k == 0 && !accumulate) sums[r][n] = V(T(0));
        else if constexpr (has_masked_loads)
          sums[r][n] = load<V, register_part::masked>(at + r * row + n * width, n + 1 == Batches ? lanes : width);
        else sums[r][n] = V::load_unaligned(at + r * row + n * width);
      }
    T const* from = a.elements + i * a.row + k * a.column;
    for (std::size_t d = 0; d != depth; ++d, from += a.column, rows_of_b += stride) {
      V line[Batches];
      if constexpr (Batches == 2) line[0] = V::load_unaligned(rows_of_b);
      T const* const end_of_line = rows_of_b + (Batches - 1) * width;
      if constexpr (has_masked_loads) line[Batches - 1] = load<V, register_part::masked>(end_of_line, last);
      else line[Batches - 1] = V::load_unaligned(end_of_line);
#pragma GCC unroll 16
      for (std::size_t r = 0; r != Rows; ++r) {
        V const factor(from[r * a.row]);
#pragma GCC unroll 2
        for (std::size_t n = 0; n != Batches; ++n) sums[r][n] = multiply_add(factor, line[n], sums[r][n]);
      }
    }
    if constexpr (finishes_registers<Finish>) {
      if (finish != nullptr) {
        T const* const bias = std::get<0>(finish->operands).elements + j;
#pragma GCC unroll 2
        for (std::size_t n = 0; n != Batches; ++n) {
          V const shift = load<V, register_part::masked>(bias + n * width, n + 1 == Batches ? lanes : width);
#pragma GCC unroll 16
          for (std::size_t r = 0; r != Rows; ++r) finish->formula(sums[r][n], shift);
        }
      }
    } else if constexpr (!Finish::does_nothing) {
      if (finish != nullptr) {
        alignas(64) T whole[Rows * Batches * width];
#pragma GCC unroll 16
        for (std::size_t r = 0; r != Rows; ++r)
#pragma GCC unroll 2
          for (std::size_t n = 0; n != Batches; ++n) sums[r][n].store_aligned(whole + (r * Batches + n) * width);
        return finish_tile<V, true>(*finish, whole, Batches * width, c, columns, i, Rows, j, used);
      }
    }
#pragma GCC unroll 16
    for (std::size_t r = 0; r != Rows; ++r)
#pragma GCC unroll 2
      for (std::size_t n = 0; n != Batches; ++n) {
        if constexpr (has_masked_loads)
          store<V, register_part::masked>(sums[r][n], at + r * row + n * width, n + 1 == Batches ? lanes : width);
        else sums[r][n].store_unaligned(at + r * row + n * width);
      }
    if (by_copy)
      for (std::size_t r = 0; r != Rows; ++r) std::copy_n(copy + r * Batches * width, used, to + r * columns);
  }
};

}  // namespace fovea::xtensor_detail
