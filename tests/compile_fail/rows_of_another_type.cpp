// SPDX-License-Identifier: MIT
// expect: fovea: a network takes tensors of its backend's value type, or of integers
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

#ifdef MISUSE
using number = double;
#else
using number = float;
#endif

int main() {
  fovea::trainer trainer{fovea::host_backend<float>{}, fovea::sequential{fovea::linear<2, 1>{}},
                         fovea::sigmoid_focal_loss{}, fovea::adam{}};
  auto const x = fovea::host_backend<>::empty<number>(std::array<std::size_t, 2>{4, 2});
  auto const y = fovea::host_backend<>::empty<number>(std::array<std::size_t, 2>{4, 1});
  return trainer.step(x, y) > 1;
}
