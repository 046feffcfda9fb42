// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

double mean(std::vector<double> const& x, std::vector<double> const& y);

int main() {
  std::vector<double> const x = {3, 3}, y = {1, 1};
  return mean(x, y) == 4 && fovea::value(fovea::mean_squared_error{}, x, y) == 4 ? 0 : 1;
}
