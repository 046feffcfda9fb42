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
  std::vector<float> const logits{2, -1};
  tensor const targets{1, 0};
  auto const [value, gradient] =
      fovea::value_and_gradient(fovea::host_backend<>{}, fovea::sigmoid_focal_loss{}, logits, targets);
  return value > 0 && !gradient.empty();
}
