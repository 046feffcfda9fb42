// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "../sizes.hpp"
#include "timing.hpp"

/// The products of a linear layer: (rows, inner) times (inner, columns), where one factor may be stored as its transpose.
struct product_shape {
  std::size_t rows, inner, columns;
  bool a_transposed, b_transposed;

  std::string name() const {
    return std::to_string(rows) + " x " + std::to_string(inner) + " x " + std::to_string(columns) +
           (a_transposed   ? ", a transposed"
            : b_transposed ? ", b transposed"
                           : "");
  }
};

inline std::vector<product_shape> product_shapes() {
  std::vector<product_shape> all;
  for (auto const& [rows, inner, columns] : sizes::products)
    for (auto const& [a, b] : {std::pair{false, true}, std::pair{false, false}, std::pair{true, false}})
      all.push_back({rows, inner, columns, a, b});
  return all;
}

/// The factors and the result of one shape.
struct product_arrays {
  explicit product_arrays(product_shape const& s) : a(s.rows * s.inner), b(s.inner * s.columns), c(s.rows * s.columns) {
    for (std::size_t i = 0; i != a.size(); ++i) a[i] = static_cast<float>(i * 7 % 13) / 13 - 0.5f;
    for (std::size_t i = 0; i != b.size(); ++i) b[i] = static_cast<float>(i * 5 % 11) / 11 - 0.5f;
  }
  std::vector<float> a, b, c;
};
