// SPDX-License-Identifier: MIT
// expect: trainer: the arguments are a backend, a network, a loss, an optimizer and, in braces, options
#include <fovea/backends/host.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

constexpr fovea::sequential net{fovea::linear<3, 1>{}};

double loss_of(fovea::dataset<fovea::host_backend<>> const& rows) {
#ifdef MISUSE
  fovea::trainer trainer{net, fovea::host_backend{}, fovea::mean_squared_error{}, fovea::adam{}};
  return static_cast<void>(rows), sizeof(trainer);
#else
  fovea::trainer const trainer{fovea::host_backend{}, net, fovea::mean_squared_error{}, fovea::adam{}};
  return trainer.evaluate(rows);
#endif
}
