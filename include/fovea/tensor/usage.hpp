// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace fovea {

/// How often memory was asked for, and how often the host waited for a device. A backend that counts has `usage()`.
struct usage {
  std::size_t allocations = 0, synchronizations = 0;
  friend bool operator==(usage const&, usage const&) = default;
};

}  // namespace fovea
