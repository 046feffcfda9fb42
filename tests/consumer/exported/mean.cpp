// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

double mean(std::vector<double> const& x, std::vector<double> const& y) {
  return fovea::value(fovea::mean_squared_error{}, x, y);
}
