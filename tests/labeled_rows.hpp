// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fovea/data/dataset.hpp>

#include "layers/drawn.hpp"
#include "tensors.hpp"

/// Random rows, exact in float, so that they are the same on every backend. A target is 1 where label(features of the row) is true.
struct labeled_rows {
  template <class Label>
  labeled_rows(std::size_t number, std::size_t width, std::uint64_t seed, Label const& label)
      : rows(number), columns(width), features(drawn(number * width, seed)) {
    for (std::size_t i = 0; i != rows; ++i) targets.push_back(label(features.data() + i * columns) ? 1 : 0);
  }
  template <class B> fovea::dataset<B> on(B const& b) const {
    auto const x = tensor_from(b, std::array{rows, columns}, features);
    auto const y = tensor_from(b, std::array{rows, std::size_t{1}}, targets);
    b.synchronize();
    return {b, x, y};
  }
  std::size_t rows, columns;
  std::vector<double> features, targets;
};
