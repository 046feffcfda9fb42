// SPDX-License-Identifier: MIT
// expect: trainer: this loss takes one vector of scores for each row, and the network's output has more axes
#include <fovea/backends/host.hpp>
#include <fovea/layers/convolution.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

std::size_t steps(fovea::trainer_options const& options) {
#ifdef MISUSE
  fovea::sequential net{fovea::input<1, 4, 4>{}, fovea::conv2d<1, 3>{.kernel_size = 4}};
#else
  fovea::sequential net{fovea::input<1, 4, 4>{}, fovea::conv2d<1, 3>{.kernel_size = 4}, fovea::flatten{}};
#endif
  return fovea::trainer{fovea::host_backend<>{}, net, fovea::softmax_cross_entropy{}, fovea::adam{}, options}.steps();
}
