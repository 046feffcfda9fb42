// SPDX-License-Identifier: MIT
// expect: trainer: a step takes the inputs and the targets of a batch; epoch and fit take a data set
#include <fovea/backends/host.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

constexpr fovea::sequential net{fovea::linear<3, 1>{}};

void train(fovea::dataset<fovea::host_backend<>> const& rows) {
  fovea::trainer trainer{fovea::host_backend{}, net, fovea::mean_squared_error{}, fovea::adam{}};
#ifdef MISUSE
  trainer.step(rows);
#else
  trainer.step(rows.features, rows.targets);
#endif
}
