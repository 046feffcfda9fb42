// SPDX-License-Identifier: MIT
// expect: the arguments are the loss, the predictions and the targets, in this order
#include <fovea/backends/host.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

int main() {
  std::vector<float> const x{1, 2}, y{0, 1};
#ifdef MISUSE
  return fovea::value(x, y, fovea::mean_squared_error{}) > 0;
#else
  return fovea::value(fovea::mean_squared_error{}, x, y) > 0;
#endif
}
