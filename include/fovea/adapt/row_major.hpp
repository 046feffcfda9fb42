// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fovea/tensor/shape.hpp>

namespace fovea::adapt {

/// True if elements with these strides are contiguous with the last index fastest (row-major), or, with `reversed`, the first
/// (column-major), or if there are none. Ignores the stride of an extent of 1.
template <class Strides>
constexpr bool is_contiguous(shape const& extents, Strides const& strides, bool reversed = false) {
  std::size_t expected = 1;
  for (std::size_t n = extents.rank(), k = 0; k != n; ++k) {
    auto const i = reversed ? k : n - 1 - k;
    if (extents[i] != 1 && static_cast<std::size_t>(strides[i]) != expected) return extents.size() == 0;
    expected *= extents[i];
  }
  return true;
}

/// Throws `shape_error`, which says what the strides are, unless elements with these are contiguous in row-major order.
template <class Strides> void require_row_major(char const* who, shape const& extents, Strides const& strides) {
  if (adapt::is_contiguous(extents, strides)) return;
  std::string all;
  for (std::size_t i = 0; i != extents.rank(); ++i) all += (i ? ", " : "") + std::to_string(strides[i]);
  throw shape_error(
      std::string(who) + ": shape " + to_string(extents) + " with strides (" + all + ") is " +
      (adapt::is_contiguous(extents, strides, true)
           ? "column-major; expected row-major: pass the transpose if its columns are samples, else a copy"
           : "not contiguous; expected row-major rows without gaps: pass a copy"));
}

}  // namespace fovea::adapt
