// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "inputs.hpp"

/// The training set, its shuffled order and the gathering of batches, for competitors that store row-major floats.
struct shuffled_rows {
  std::vector<float> x = std::vector<float>(sizes::rows * sizes::features), y = std::vector<float>(sizes::rows);
  std::vector<std::size_t> order = std::vector<std::size_t>(sizes::rows);
  std::mt19937 generator{0};

  shuffled_rows() {
    inputs::features(std::span(x));
    inputs::rare(std::span(y));
    std::iota(order.begin(), order.end(), std::size_t{0});
  }
  static constexpr std::size_t steps() { return (sizes::rows + sizes::batch - 1) / sizes::batch; }

  /// Runs one epoch; calls `step(rows)` after gathering each batch.
  template <class Step> void epoch(float* batch_x, float* batch_y, Step const& step) {
    std::shuffle(order.begin(), order.end(), generator);
    for (std::size_t first = 0; first < sizes::rows; first += sizes::batch) {
      auto const rows = std::min(sizes::batch, sizes::rows - first);
      for (std::size_t r = 0; r != rows; ++r) {
        auto const from = order[first + r];
        std::copy_n(x.data() + from * sizes::features, sizes::features, batch_x + r * sizes::features);
        batch_y[r] = y[from];
      }
      step(rows);
    }
  }
};
