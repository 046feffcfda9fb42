// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fovea/scalar/random.hpp>

namespace fovea {

/// The source of a layer's random numbers in one training step. Reads the step count from the backend's memory at each
/// draw, so that a recorded step draws new numbers when it is replayed.
struct random_draw {
  std::uint64_t seed = 0;
  double const* step = nullptr;
  std::uint64_t layer = 0;
  std::uint64_t first_row = 0;  // of this batch in all rows of the step, so that a split step draws the same numbers

  /// Returns four random words; i must be below 2^48.
  FOVEA_HD words<4> operator()(random_stream stream, std::uint64_t i) const {
    return random_words(seed, stream, static_cast<std::uint32_t>(*step), layer << 48 | i);
  }
};

}  // namespace fovea
