// SPDX-License-Identifier: MIT
// expect: a loss takes predictions that are real numbers, such as float or double
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

#ifdef MISUSE
using number = int;
#else
using number = float;
#endif

int main() {
  std::vector<number> const logits{2, -1};
  std::vector<int> const targets{1, 0};
  return fovea::value(fovea::sigmoid_focal_loss{}, logits, targets) > 0;
}
