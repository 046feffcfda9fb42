// SPDX-License-Identifier: MIT
// expect: this argument's type is not a tensor, because fovea::tensor_traits is not specialized for it
#include <list>

#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

#ifdef MISUSE
using tensor = std::list<float>;
#else
using tensor = std::vector<float>;
#endif

int main() {
  tensor const logits{2, -1}, targets{1, 0};
  return fovea::value(fovea::sigmoid_focal_loss{}, logits, targets) > 0;
}
