// SPDX-License-Identifier: MIT
// expect: a loss takes predictions and targets of one real type, or targets that are integers or bools
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

#ifdef MISUSE
using number = double;
#else
using number = int;
#endif

int main() {
  std::vector<float> const logits{2, -1};
  std::vector<number> const targets{1, 0};
  return fovea::value(fovea::sigmoid_focal_loss{}, logits, targets) > 0;
}
