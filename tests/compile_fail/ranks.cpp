// SPDX-License-Identifier: MIT
// expect: (N) and (N, 1) differ, and nothing broadcasts in silence
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

int main() {
  auto const logits = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{3, 1});
#ifdef MISUSE
  auto const targets = fovea::host_backend<>::empty<float>(std::array<std::size_t, 1>{3});
#else
  auto const targets = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{3, 1});
#endif
  return fovea::value(fovea::sigmoid_focal_loss{}, logits, targets) > 0;
}
