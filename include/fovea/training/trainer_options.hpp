// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <fovea/validate.hpp>

namespace fovea {

namespace detail {
/// Returns a b, or the largest number if that is too large: a step on so many rows takes all that there are.
constexpr std::size_t bounded_product(std::size_t a, std::size_t b) {
  constexpr auto max_size = static_cast<std::size_t>(-1);
  return b != 0 && a > max_size / b ? max_size : a * b;
}
}  // namespace detail

/// Options of a `trainer`. The constructor throws `argument_error` if `batch_size` or `accumulate` is 0, or if `capture` is set and the
/// backend is not `capturing`.
struct trainer_options {
  std::size_t batch_size = 128;
  std::size_t accumulate = 1;  // batches of each step, which equals one on a batch of all their rows
  std::uint64_t seed = 0;      // of the initial parameters, the order of the rows and the random numbers of layers
  bool shuffle = true;
  bool drop_last = false;  // an epoch leaves out the rows after its last full batch
  bool capture = false;    // `epoch` records the step on a full batch once and replays it, e.g. as a CUDA graph

  void validate() const {
    require(batch_size != 0, "trainer: batch_size must be at least 1", 0);
    require(accumulate != 0, "trainer: accumulate must be at least 1", 0);
  }
  /// The rows of a step, which is on several batches if it accumulates.
  std::size_t rows_of_step() const { return detail::bounded_product(batch_size, accumulate); }
};

}  // namespace fovea
