// SPDX-License-Identifier: MIT
// expect: fit: validation is the address of a data set of the training data's type, such as {.validation = &valid}
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
  trainer.fit(rows, {.epochs = 3, .validation = rows});
#else
  trainer.fit(rows, {.epochs = 3, .validation = &rows});
#endif
}
