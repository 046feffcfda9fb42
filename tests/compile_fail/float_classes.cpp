// SPDX-License-Identifier: MIT
// expect: this loss takes the class of each row as an integer
#include <fovea/backends/host.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>

int main() {
  fovea::host_tensor<float, 2> const logits{{2, 3}, {1, 2, 3, 4, 5, 6}};
#ifdef MISUSE
  std::vector<float> const classes{0, 2};
#else
  std::vector<int> const classes{0, 2};
#endif
  return fovea::value(fovea::softmax_cross_entropy{}, logits, classes) > 0;
}
