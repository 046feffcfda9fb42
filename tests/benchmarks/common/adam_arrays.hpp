// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "inputs.hpp"

/// Parameters, their gradient and Adam's two moments.
struct adam_arrays {
  std::vector<float> p = std::vector<float>(sizes::elements), g = p, m = p, v = p;

  adam_arrays() {
    inputs::logits(std::span(p));
    inputs::logits(std::span(g));
  }
};
