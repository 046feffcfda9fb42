// SPDX-License-Identifier: MIT
// expect: after the targets come the tensors that take the gradient and the Hessian, not const
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

int main() {
  std::vector<float> const logits{2, -1}, targets{1, 0};
  std::vector<float> gradient(2);
#ifdef MISUSE
  auto const& into = gradient;
#else
  auto& into = gradient;
#endif
  return fovea::value_and_gradient(fovea::sigmoid_focal_loss{}, logits, targets, into) > 0;
}
