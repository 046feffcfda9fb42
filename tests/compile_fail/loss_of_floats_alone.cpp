// SPDX-License-Identifier: MIT
// expect: a loss is a formula of the predictions' numbers, of dual numbers and of dual2 numbers
#include <fovea/backends/host.hpp>
#include <fovea/losses/value_and_gradient.hpp>

struct squared {
#ifdef MISUSE
  float operator()(float x, float y) const { return (x - y) * (x - y); }
#else
  template <fovea::real X, fovea::real Y> X operator()(X x, Y y) const { return (x - y) * (x - y); }
#endif
};

int main() {
  std::vector<float> const logits{2, -1}, targets{1, 0};
  auto const [value, gradient] = fovea::value_and_gradient(squared{}, logits, targets);
  return value > 0 && !gradient.empty();
}
