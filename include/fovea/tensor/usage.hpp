// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace fovea {

/// Counts of memory allocations and of waits of the host for a device. A backend that counts them returns them from `usage()`.
struct usage {
  std::size_t allocations = 0, synchronizations = 0;
  friend bool operator==(usage const&, usage const&) = default;
};

}  // namespace fovea
