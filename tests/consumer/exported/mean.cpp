// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/mean_squared_error.hpp>

double mean(std::vector<double> const& x, std::vector<double> const& y) {
  return fovea::value(fovea::mean_squared_error{}, x, y);
}
