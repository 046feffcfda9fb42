// SPDX-License-Identifier: MIT
// expect: dataset: features and targets are of the backend's value type
#include <fovea/backends/host.hpp>
#include <fovea/data/dataset.hpp>

#ifdef MISUSE
using number = double;
#else
using number = float;
#endif

int main() {
  auto const x = fovea::host_backend<>::empty<number>(std::array<std::size_t, 2>{4, 2});
  std::vector<number> const y(4);
  fovea::dataset const rows{fovea::host_backend<float>{}, x, y};
  return rows.rows() != 4;
}
