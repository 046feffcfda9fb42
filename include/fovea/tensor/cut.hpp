// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

namespace fovea::detail {

/// A domain is cut into at most so many chunks, by its size alone: the number of threads changes no result.
inline constexpr std::size_t max_chunks = 16;

/// n cut into `pieces` of `length`, a multiple of `grain`; the last one may be shorter. No n, no pieces.
struct cut {
  std::size_t length, pieces;
  constexpr cut(std::size_t n, std::size_t wanted, std::size_t grain = 1)
      : length((std::max<std::size_t>(1, (n + wanted - 1) / std::max<std::size_t>(1, wanted)) + grain - 1) / grain *
               grain),
        pieces((n + length - 1) / length) {}
  constexpr std::size_t begin(std::size_t piece) const { return piece * length; }
};

/// As many chunks as this many elements are worth, if a chunk has at least so many.
constexpr std::size_t chunk_count(std::size_t elements, std::size_t chunk_elements) {
  return std::clamp<std::size_t>(elements / chunk_elements, 1, max_chunks);
}

}  // namespace fovea::detail
