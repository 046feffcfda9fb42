// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "inputs.hpp"

/// Rows of logits, the class of each row, and the gradient.
struct softmax_arrays {
  std::vector<float> z = std::vector<float>(sizes::softmax_rows * sizes::softmax_classes), gradient = z;
  std::vector<std::int32_t> y = std::vector<std::int32_t>(sizes::softmax_rows);

  softmax_arrays() {
    inputs::logits(std::span(z));
    inputs::classes(std::span(y));
  }
};
