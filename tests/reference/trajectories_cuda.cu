// SPDX-License-Identifier: MIT
#include "trajectories.hpp"

#include <fovea/backends/thrust.hpp>

TEST_CASE("the published experiment follows PyTorch on the real rows, on a device") {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::cout << "skipped: there is no CUDA device\n";
    return;
  }
  trajectories::follow_torch_on([](auto const& follow) {
    follow(fovea::thrust_backend<float>{});
    follow(fovea::thrust_backend<double>{});
  });
}
