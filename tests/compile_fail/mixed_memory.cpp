// SPDX-License-Identifier: MIT
// expect: predictions and targets lie in different memory; fovea::copy crosses
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

/// A simulated device: a host backend with a memory type of its own.
struct device : fovea::host_backend<> {
#ifdef MISUSE
  struct memory {};
#endif
};
struct device_vector : std::vector<float> {
  using std::vector<float>::vector;
};
template <> struct fovea::tensor_traits<device_vector> : fovea::tensor_traits<std::vector<float>> {
  using backend = device;
};

int main() {
  std::vector<float> const logits{2, -1};
  device_vector const targets{1, 0};
  return fovea::value(fovea::sigmoid_focal_loss{}, logits, targets) > 0;
}
