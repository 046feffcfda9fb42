// SPDX-License-Identifier: MIT
// expect: pair element (i, j) with element (j, i)
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

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
  columns const logits{{2, 2}, {1, 2, 3, 4}};
#ifdef MISUSE
  auto const targets = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{2, 2});
#else
  auto const targets = logits;
#endif
  return fovea::value(fovea::sigmoid_focal_loss{}, logits, targets) > 0;
}
