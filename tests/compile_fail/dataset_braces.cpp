// SPDX-License-Identifier: MIT
// expect: or a backend, a table, the features' names, such as
#include <cstddef>

#include <fovea/backends/host.hpp>
#include <fovea/data/dataset.hpp>

std::size_t rows_of(fovea::table const& rows) {
#ifdef MISUSE
  return static_cast<void>(fovea::dataset{fovea::host_backend{}, {"a", "b"}, rows, "y"}), 1;
#else
  return fovea::dataset{fovea::host_backend{}, rows, {"a", "b"}, "y"}.rows();
#endif
}
