// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/tensor/shape.hpp>

namespace fovea::adapt {

/// True if elements with these strides are contiguous in row-major order, or if there are none. Ignores the stride of an
/// extent of 1.
template <class Strides> constexpr bool is_row_major(shape const& extents, Strides const& strides) {
  std::size_t expected = 1;
  for (auto i = extents.rank(); i-- != 0;) {
    if (extents[i] != 1 && static_cast<std::size_t>(strides[i]) != expected) return extents.size() == 0;
    expected *= extents[i];
  }
  return true;
}

}  // namespace fovea::adapt
