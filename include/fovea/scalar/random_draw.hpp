// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fovea/scalar/random.hpp>

namespace fovea {

/// Where a layer's random numbers come from in one step of training. The step is read where the numbers are drawn, from the
/// backend's memory, so that a recorded step draws new ones when it is replayed.
struct random_draw {
  std::uint64_t seed = 0;
  double const* step = nullptr;
  std::uint64_t layer = 0;

  /// Four words; i below 2^48.
  FOVEA_HD words<4> operator()(random_stream stream, std::uint64_t i) const {
    return random_words(seed, stream, static_cast<std::uint32_t>(*step), layer << 48 | i);
  }
};

}  // namespace fovea
