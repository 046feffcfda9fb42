// SPDX-License-Identifier: MIT
// expect: dataset: the arguments are a backend, the features and the targets, in this order
#include <cstddef>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/dataset.hpp>

std::size_t rows_of(std::vector<float> const& features, std::vector<float> const& targets) {
#ifdef MISUSE
  return static_cast<void>(fovea::dataset{features, targets, fovea::host_backend{}}), 1;
#else
  return fovea::dataset{fovea::host_backend{}, features, targets}.rows();
#endif
}
