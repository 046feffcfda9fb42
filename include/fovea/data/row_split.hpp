// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace fovea {

/// The row numbers of the training and of the test part, counted from 0.
struct row_split {
  std::vector<std::size_t> train, test;
};

}  // namespace fovea
