// SPDX-License-Identifier: MIT
// expect: this matrix is column-major, and rows are samples here
#include <fovea/backends/host.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/tensor/storage_order.hpp>

struct columns {
  std::array<std::size_t, 2> extents;
  std::vector<float> elements;
};
template <> struct fovea::tensor_traits<columns> {
  using value_type = float;
  using backend = fovea::host_backend<>;
  static constexpr std::size_t rank = 2;
  static constexpr auto order = fovea::storage_order::column_major;
  static auto const& extents(columns const& t) { return t.extents; }
  static float* data(columns& t) { return t.elements.data(); }
  static float const* data(columns const& t) { return t.elements.data(); }
};

int main() {
  columns const x{{2, 2}, {1, 2, 3, 4}};
  std::vector<float> const y{0, 1};
#ifdef MISUSE
  fovea::dataset const data{fovea::host_backend<>{}, x, y};
#else
  fovea::dataset const data{fovea::host_backend<>{}, fovea::samples_in_columns(x), y};
#endif
  return static_cast<int>(data.rows());
}
