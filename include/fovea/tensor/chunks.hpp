// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

namespace fovea::detail {

/// The largest number of chunks of a domain. The size alone decides the chunks, so the number of threads changes no result.
inline constexpr std::size_t max_chunks = 16;

/// Divides n into `count` chunks of `length`, a multiple of `grain`; the last chunk may be shorter. n = 0 gives no chunks.
struct chunks {
  std::size_t length, count;
  constexpr chunks(std::size_t n, std::size_t wanted, std::size_t grain = 1)
      : length((std::max<std::size_t>(1, (n + wanted - 1) / std::max<std::size_t>(1, wanted)) + grain - 1) / grain *
               grain),
        count((n + length - 1) / length) {}
};

/// Returns the number of chunks for a domain of this size, each of at least `chunk_elements` if there are several.
constexpr std::size_t chunk_count(std::size_t elements, std::size_t chunk_elements) {
  return std::clamp<std::size_t>(elements / chunk_elements, 1, max_chunks);
}

}  // namespace fovea::detail
