// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/value_and_gradient.hpp>

int main() {
  std::vector<double> const logits = {0, 0}, targets = {0, 1};
  double const mean = fovea::value(fovea::sigmoid_binary_cross_entropy{}, logits, targets);
  return std::abs(mean - std::log(2.0)) < 1e-12 ? 0 : 1;
}
