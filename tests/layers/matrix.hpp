// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "../backends.hpp"

/// A matrix of a backend, with the span that layers take.
template <class B> struct matrix {
  matrix(B const& b, std::size_t rows, std::size_t columns, std::vector<double> const& numbers)
      : elements(tensor_from(b, std::array{rows, columns}, numbers)) {}
  template <std::size_t Columns = fovea::dynamic> auto span() {
    return fovea::as_matrix<Columns>("test", "matrix", elements);
  }

  typename B::template tensor<typename B::value_type, 2> elements;
};
