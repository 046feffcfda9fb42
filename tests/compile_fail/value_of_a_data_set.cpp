// SPDX-License-Identifier: MIT
// expect: fovea: a loss takes predictions and targets, value(loss, predictions, targets)
#include <fovea/backends/host.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/mean_squared_error.hpp>

float loss(fovea::dataset<fovea::host_backend<>> const& rows) {
#ifdef MISUSE
  return fovea::value(fovea::mean_squared_error{}, rows);
#else
  return fovea::value(fovea::mean_squared_error{}, rows.features, rows.targets);
#endif
}
