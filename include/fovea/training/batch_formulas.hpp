// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fovea/scalar/random.hpp>
#include <fovea/tensor/extents.hpp>
#include <fovea/tensor/operands.hpp>

namespace fovea {

namespace formulas {

/// One tensor of a data set and its place in a batch: rows of N elements, or of `count` if N is `dynamic`.
template <class T, std::size_t N> struct column_block {
  T const* source;
  T* destination;
  std::size_t count;
  FOVEA_HD std::size_t columns() const { return N == dynamic ? count : N; }
  FOVEA_HD void copy_row(std::size_t row, std::size_t i) const {
    std::memcpy(destination + i * columns(), source + row * columns(), columns() * sizeof(T));
  }
  /// Asks for the row's cache lines, so that the rows of a shuffled batch arrive side by side.
  void prefetch_row([[maybe_unused]] std::size_t row) const {
#if defined(__GNUC__)
    constexpr std::size_t line = 64, max_bytes = 16 * line;
    auto const* const bytes = reinterpret_cast<char const*>(source + row * columns());
    auto const all = columns() * sizeof(T) < max_bytes ? columns() * sizeof(T) : max_bytes;
    for (std::size_t i = 0; i < all; i += line) __builtin_prefetch(bytes + i);
    if (all != 0) __builtin_prefetch(bytes + all - 1);
#endif
  }
};
/// All tensors of a data set. Not a std::tuple, whose members device code cannot call.
template <class... Block> struct column_blocks;
template <> struct column_blocks<> {
  FOVEA_HD void copy_row(std::size_t, std::size_t) const {}
  void prefetch_row(std::size_t) const {}
};
template <class First, class... Rest> struct column_blocks<First, Rest...> {
  First first;
  column_blocks<Rest...> rest;
  FOVEA_HD void copy_row(std::size_t row, std::size_t i) const { first.copy_row(row, i), rest.copy_row(row, i); }
  void prefetch_row(std::size_t row) const { first.prefetch_row(row), rest.prefetch_row(row); }
};
/// Copies row `order(first + i)` of a data set to row i of a batch.
template <class Blocks> struct gather {
  permutation order;
  Blocks blocks;
  std::size_t first;
  FOVEA_HD void operator()(std::size_t i) const { copy_row(order(first + i), i); }
  FOVEA_HD void copy_row(std::size_t row, std::size_t i) const { blocks.copy_row(row, i); }
};
/// Like `gather`, for `at_once` rows per call: `permutation` computes their indices together, which vectorizes on a CPU. A
/// device runs `gather` with one row per thread.
template <class Gather> struct gather_rows {
  Gather gather;
  std::size_t rows;
  static constexpr std::size_t at_once = 128;
  void operator()(std::size_t block) const {
    auto const first = block * at_once, count = rows - first < at_once ? rows - first : at_once;
    std::uint64_t numbers[at_once];
    gather.order(gather.first + first, count, numbers,
                 [this](std::uint64_t row) { gather.blocks.prefetch_row(static_cast<std::size_t>(row)); });
    for (std::size_t i = 0; i != count; ++i) gather.copy_row(static_cast<std::size_t>(numbers[i]), first + i);
  }
};
/// An epoch's order and the position of its next batch in that order; stored in the backend's memory.
struct batch_position {
  permutation order{1, 0, 0};
  std::size_t first = 0;
};
struct set_position {
  batch_position value, *position;
  FOVEA_HD void operator()(std::size_t) const { *position = value; }
};
struct advance {
  batch_position* position;
  std::size_t rows;
  FOVEA_HD void operator()(std::size_t) const { position->first += rows; }
};
/// Like `gather`, but reads the position from memory: it is unknown when the step is recorded.
template <class Gather> struct gather_from_position {
  Gather gather;
  batch_position const* position;
  bool shuffle;
  FOVEA_HD void operator()(std::size_t i) const {
    auto here = gather;
    here.order = position->order;
    if (shuffle) here.first = position->first, here(i);
    else here.copy_row(position->first + i, i);
  }
};

}  // namespace formulas

}  // namespace fovea
