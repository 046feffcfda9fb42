// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

#include <fovea/backends/xtensor/small_product.hpp>

namespace fovea::xtensor_detail {

/// c = f(a b + bias) for padded weights b (inner, columns). Each element is the chain of `small_product`; it stays in a register until
/// bias and f are applied. Nothing is packed.
template <class V, class T, std::size_t Inner, std::size_t Columns, class Finish> class frozen_product {
 public:
  T* c;
  T const *a, *b, *bias;
  [[no_unique_address]] extent<Inner> inner;
  [[no_unique_address]] extent<Columns> columns;
  Finish const& finish;

  /// Computes that many rows of c.
  void rows(std::size_t count) const {
    constexpr std::size_t tall = Columns <= width ? 2 * wide : wide;
    std::size_t i = 0;
    for (; i + tall <= count; i += tall) row_tiles<tall>(i);
    for (; i != count; ++i) row_tiles<1>(i);
  }

 private:
  using formula = std::remove_cvref_t<decltype(std::declval<Finish>().formula.f)>;
  // Sums in flight: enough to hide the latency of an addition, few enough for the registers.
  static constexpr std::size_t width = V::size, wide = masks_lanes<T, typename V::arch_type> ? 8 : 4;

  template <std::size_t Rows> void row_tiles(std::size_t i) const {
    constexpr std::size_t batches = Rows == 1 ? 8 : Rows == wide ? 2 : 1, max_columns = batches * width;
    std::size_t j = 0;
    for (; j + max_columns <= columns; j += max_columns) tile<Rows, batches>(i, j, extent<max_columns>{});
    if constexpr (Columns != dynamic) {
      constexpr auto rest = Columns % max_columns;
      if constexpr (rest != 0) tile<Rows, (rest + width - 1) / width>(i, j, extent<rest>{});
    } else {
      for (; j < columns; j += width) tile<Rows, 1>(i, j, extent<dynamic>{(std::min)(width, columns - j)});
    }
  }

  /// Computes columns [j, j + used) of rows from i on.
  template <std::size_t Rows, std::size_t Batches, std::size_t Used>
  [[gnu::always_inline]] void tile(std::size_t i, std::size_t j, extent<Used> used) const {
    V sums[Rows][Batches];
#pragma GCC unroll 16
    for (auto& row : sums)
#pragma GCC unroll 8
      for (auto& sum : row) sum = V(T(0));
    std::size_t const depth = inner, next = columns;
    T const *from = a + i * depth, *line = b + j;
#pragma GCC unroll 8
    for (std::size_t k = 0; k != depth; ++k) {
      V weights[Batches];
#pragma GCC unroll 8
      for (std::size_t n = 0; n != Batches; ++n) weights[n] = V::load_unaligned(line + k * next + n * width);
#pragma GCC unroll 16
      for (std::size_t r = 0; r != Rows; ++r)
#pragma GCC unroll 8
        for (std::size_t n = 0; n != Batches; ++n)
          sums[r][n] = multiply_add(V(from[r * depth + k]), weights[n], sums[r][n]);
    }
    T* const to = c + i * columns + j;
#pragma GCC unroll 8
    for (std::size_t n = 0; n != Batches; ++n) {
      [[maybe_unused]] V const shift = V::load_unaligned(bias + j + n * width);
#pragma GCC unroll 16
      for (std::size_t r = 0; r != Rows; ++r) {
        if constexpr (exact_formula<formula>) sums[r][n] = finish.formula.f(sums[r][n] + shift);
        T* const here = to + r * columns + n * width;
        if (n + 1 == Batches)
          store_first_of<Used == dynamic ? dynamic : Used - (Batches - 1) * width>(sums[r][n], here, used);
        else sums[r][n].store_unaligned(here);
      }
    }
    if constexpr (!exact_formula<formula>) finish_tile<V>(finish, c, columns, i, Rows, j, used);
  }
  template <std::size_t Lanes> static void store_first_of(V const& v, T* to, std::size_t lanes) {
    if constexpr (Lanes == width) {
      v.store_unaligned(to);
    } else if constexpr (Lanes == dynamic || masks_lanes<T, typename V::arch_type>) {
      store<V, register_part::masked>(v, to, Lanes == dynamic ? lanes : Lanes);
    } else {
      alignas(64) T all[width];
      v.store_aligned(all);
      std::memcpy(to, all, Lanes * sizeof(T));
    }
  }
};

}  // namespace fovea::xtensor_detail
