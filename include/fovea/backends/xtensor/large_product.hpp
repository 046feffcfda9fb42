// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include <fovea/backends/xtensor/small_product.hpp>

/// Matrix products of any size. A tile of c stays in registers over a part of k; factors that do not lie well in memory are
/// packed into panels first (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008). Each element of c
/// is one chain of multiply-adds over k in order, which begins at 0 or at c: neither the tile nor the parts of k, the number of
/// rows or the threads change a bit, and `small_product` computes the same chain.
namespace fovea::xtensor_detail {

/// Memory for panels, aligned, which grows and stays.
template <class T> class panel_buffer {
 public:
  T* reserve(std::size_t n) {
    if (n > size_) {
      elements_.reset(static_cast<T*>(::operator new(n * sizeof(T), alignment)));
      size_ = n;
    }
    return elements_.get();
  }

 private:
  static constexpr std::align_val_t alignment{64};
  struct deleter {
    void operator()(T* p) const { ::operator delete(p, alignment); }
  };
  std::unique_ptr<T, deleter> elements_;
  std::size_t size_ = 0;
};

/// Copies `count` lines of a factor, `line` apart, side by side: element k of line l goes to to[k * Padded + l]; what stands there
/// for other lines up to Padded is unspecified. `readable` lines from the first on are in memory. The elements of a line are
/// `step` apart; `line` or `step` is 1.
template <class V, std::size_t Padded, class T>
void pack_panel(T* to, T const* from, std::size_t line, std::size_t step, std::size_t count, std::size_t readable,
                std::size_t depth) {
  constexpr auto width = V::size;
  for (std::size_t n = 0; n < count; n += width) {
    auto const* const lines = from + n * line;
    if (line == 1) {
      if (n + width <= readable)
        for (std::size_t k = 0; k != depth; ++k) V::load_unaligned(lines + k * step).store_aligned(to + k * Padded + n);
      else
        for (std::size_t k = 0; k != depth; ++k)
          load<V, register_part::masked>(lines + k * step, readable - n).store_aligned(to + k * Padded + n);
      continue;
    }
    for (std::size_t k = 0; k < depth; k += width) {  // squares, transposed
      auto const deep = (std::min)(width, depth - k), used = (std::min)(width, count - n);
      V square[width];
#pragma GCC unroll 16
      for (std::size_t l = 0; l != width; ++l)
        square[l] = l >= used       ? V(T(0))
                    : deep == width ? V::load_unaligned(lines + l * line + k)
                                    : load<V, register_part::masked>(lines + l * line + k, deep);
      transpose(square);
      for (std::size_t i = 0; i != deep; ++i) square[i].store_aligned(to + (k + i) * Padded + n);
    }
  }
}

/// A tile of c, and the part of its sums that is computed next.
template <class T> struct product_tile {
  strided<T> a, b;  // from the tile's first row of a and first column of b on
  std::size_t depth;
  T* c;
  std::size_t c_row, columns;
  bool from_zero;

  static constexpr std::size_t batches = 2;
#if defined(__AVX512F__) || defined(__aarch64__)
  static constexpr std::size_t max_rows = 14;  // times two registers, of 32
#else
  static constexpr std::size_t max_rows = 6;  // of 16
#endif
};

/// Computes a tile of Rows x Batches registers. ADense: the elements of a column of a lie side by side.
template <class V, std::size_t Rows, std::size_t Batches, bool ADense, class T>
void multiply_whole_tile(product_tile<T> const& t) {
  V sums[Rows][Batches];
  for (std::size_t r = 0; r != Rows; ++r)
    for (std::size_t n = 0; n != Batches; ++n)
      sums[r][n] = t.from_zero ? V(T(0)) : V::load_unaligned(t.c + r * t.c_row + n * V::size);
  auto const* a = t.a.elements;
  auto const* b = t.b.elements;
  std::size_t const a_row = ADense ? 1 : t.a.row;
  // Two addresses that the compiler must not derive from each other: the rows of both then share their offsets, which fit the
  // general registers.
  constexpr std::size_t half = 8;
  auto const* lower = a + (Rows > half ? half * a_row : 0);
#if defined(__GNUC__)
  if constexpr (!ADense && Rows > half) asm("" : "+r"(lower));
#endif
#pragma GCC unroll 2
  for (std::size_t k = 0; k != t.depth; ++k, a += t.a.column, lower += t.a.column, b += t.b.row) {
    V line[Batches];
#pragma GCC unroll 2
    for (std::size_t n = 0; n != Batches; ++n) line[n] = V::load_unaligned(b + n * V::size);
#pragma GCC unroll 16
    for (std::size_t r = 0; r != Rows; ++r) {
      V const factor(ADense || r < half ? a[r * a_row] : lower[(r - half) * a_row]);
#pragma GCC unroll 2
      for (std::size_t n = 0; n != Batches; ++n) sums[r][n] = multiply_add(factor, line[n], sums[r][n]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t r = 0; r != Rows; ++r)
#pragma GCC unroll 2
    for (std::size_t n = 0; n != Batches; ++n) sums[r][n].store_unaligned(t.c + r * t.c_row + n * V::size);
}

/// Computes the tile of that many rows; one at the right edge in a copy, so that no access passes the end of a row.
template <class V, bool ADense, class T, std::size_t Rows = product_tile<T>::max_rows>
void multiply_tile(std::size_t rows, product_tile<T> t) {
  if (rows != Rows) {
    if constexpr (Rows > 1) multiply_tile<V, ADense, T, Rows - 1>(rows, t);
    return;
  }
  constexpr auto wide = product_tile<T>::batches * V::size;
  if (t.columns == wide) return multiply_whole_tile<V, Rows, product_tile<T>::batches, ADense>(t);
  alignas(64) T copy[Rows * wide] = {};
  auto* const c = std::exchange(t.c, copy);
  auto const c_row = std::exchange(t.c_row, wide);
  for (std::size_t r = 0; r != Rows && !t.from_zero; ++r) std::copy_n(c + r * c_row, t.columns, copy + r * wide);
  if (t.columns <= V::size) multiply_whole_tile<V, Rows, 1, ADense>(t);
  else multiply_whole_tile<V, Rows, product_tile<T>::batches, ADense>(t);
  for (std::size_t r = 0; r != Rows; ++r) std::copy_n(copy + r * wide, t.columns, c + r * c_row);
}

/// c = finish(a b (+ c)) for c (.., columns), a (.., inner) and b (inner, columns).
template <class V, class T> class large_product {
 public:
  T* c;
  std::size_t all_rows, columns, inner;
  strided<T> a, b;
  bool accumulate;

  /// The number of elements that `rows` needs for its panels: those of b, then those of a.
  std::size_t panel_elements() const {
    return elements_of_b() + parts((std::min)(all_rows, most_rows), tile::max_rows) * padded_rows * max_depth;
  }
  /// Computes rows [begin, end) of c. `panels` is aligned memory of `panel_elements()`.
  template <class Finish> void rows(std::size_t begin, std::size_t end, Finish const& finish, T* panels) const {
    if (begin == end) return;
    auto const part = even_part(inner, max_depth), height = even_part(end - begin, tile::max_rows);
    bool const a_lies_well = part * (end - begin) * sizeof(T) <= near_bytes,
               b_lies_well = b.column == 1 && end - begin <= few_tiles * tile::max_rows, few = end - begin <= most_rows;
    auto* const panels_of_a = panels + elements_of_b();
    for (std::size_t j0 = 0; j0 < columns; j0 += max_columns) {
      auto const here = (std::min)(max_columns, columns - j0), lying = b_lies_well ? here / wide * wide : 0;
      std::size_t k0 = 0;
      do {  // at least once: an empty sum is 0
        auto const depth = (std::min)(part, inner - k0);
        T const* const part_of_b = b.elements + k0 * b.row + j0 * b.column;
        auto const pack_b = [&](T* to, std::size_t j) {
          pack_panel<V, wide>(to, part_of_b + j * b.column, b.column, b.row, (std::min)(wide, here - j),
                              columns - j0 - j, depth);
        };
        auto const left_at = [&](std::size_t i, T* panel) {
          strided<T> left{a.elements + i * a.row + k0 * a.column, a.row, a.column};
          if (a_lies_well) return left;
          pack_panel<V, padded_rows>(panel, left.elements, a.row, a.column, (std::min)(height, end - i), all_rows - i,
                                     depth);
          return strided<T>{panel, 1, padded_rows};
        };
        auto const compute = [&](std::size_t i, std::size_t j, strided<T> const& left, T const* panel) {
          auto const tall = (std::min)(height, end - i);
          tile const t{left,
                       j < lying ? strided<T>{part_of_b + j, b.row, 1} : strided<T>{panel, wide, 1},
                       depth,
                       c + i * columns + j0 + j,
                       columns,
                       (std::min)(wide, here - j),
                       k0 == 0 && !accumulate};
          if (left.row == 1) multiply_tile<V, true>(tall, t);
          else multiply_tile<V, false>(tall, t);
          if constexpr (!Finish::does_nothing)
            if (k0 + depth == inner) finish_tile<V>(finish, c, columns, i, tall, j0 + j, t.columns);
        };
        if (few) {  // a panel of b is used while it is in the first cache, and the next one is fetched meanwhile
          strided<T> lefts[most_tiles];
          std::size_t tiles = 0;
          for (auto i = begin; i < end; i += height, ++tiles)
            lefts[tiles] = left_at(i, panels_of_a + tiles * padded_rows * max_depth);
          for (std::size_t j = 0; j < here; j += wide) {
            if (j >= lying) pack_b(panels, j);
            for (std::size_t n = 0; n != tiles; ++n) {
              if (j + wide < here)
                prefetch(part_of_b + (j + wide) * b.column, depth * n / tiles, depth * (n + 1) / tiles,
                         (std::min)(wide, here - j - wide));
              compute(begin + n * height, j, lefts[n], panels);
            }
          }
        } else {
          for (auto j = lying; j < here; j += wide) pack_b(panels + j * depth, j);
          for (auto i = begin; i < end; i += height) {
            auto const left = left_at(i, panels_of_a);
            for (std::size_t j = 0; j < here; j += wide) compute(i, j, left, panels + j * depth);
          }
        }
        k0 += depth;
      } while (k0 < inner);
    }
  }

 private:
  using tile = product_tile<T>;
  static constexpr std::size_t width = V::size, wide = tile::batches * width,
                               padded_rows = (tile::max_rows + width - 1) / width * width;
  /// What is packed at once: of k, and of the columns of b, which then takes 1.5 MB of the second cache.
  static constexpr std::size_t max_depth = 384, max_columns = 4096 / sizeof(T);
  /// Up to this size, a is read where it lies. So is b for a few tiles: for more, packing pays, because the lines of a column of
  /// panels may compete for a few sets of the first cache.
  static constexpr std::size_t near_bytes = std::size_t{128} << 10, few_tiles = 3;
  /// Up to so many rows, b is packed panel by panel.
  static constexpr std::size_t most_tiles = 24, most_rows = most_tiles * tile::max_rows;

  std::size_t elements_of_b() const {
    return parts((std::min)(columns, max_columns), wide) * wide * even_part(inner, max_depth);
  }
  /// Fetches elements [first, last) of `count` lines of b.
  void prefetch(T const* lines, std::size_t first, std::size_t last, std::size_t count) const {
    constexpr std::size_t line = 64 / sizeof(T);
    if (b.column == 1)
      for (auto k = first; k != last; ++k)
        for (std::size_t n = 0; n < count; n += line) fetch(lines + k * b.row + n);
    else
      for (std::size_t n = 0; n != count; ++n)
        for (auto k = first; k < last; k += line) fetch(lines + n * b.column + k);
  }
  static void fetch([[maybe_unused]] T const* at) {
#if defined(__GNUC__)
    __builtin_prefetch(at);
#endif
  }

  static constexpr std::size_t parts(std::size_t n, std::size_t max_part) {
    return n == 0 ? 1 : (n + max_part - 1) / max_part;
  }
  /// Returns the length of the equal parts of n, each of `max_part` or less.
  static constexpr std::size_t even_part(std::size_t n, std::size_t max_part) {
    return (n + parts(n, max_part) - 1) / parts(n, max_part);
  }
};

}  // namespace fovea::xtensor_detail
