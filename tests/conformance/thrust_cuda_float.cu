// SPDX-License-Identifier: MIT
#include <iostream>

#include <fovea/backends/thrust.hpp>

#include "suite.hpp"

TEST_CASE("thrust_backend<float, cuda> keeps the laws") {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::cout << "skipped: there is no CUDA device\n";
    return;
  }
  conformance::every_law([] { return fovea::thrust_backend<float>{}; });
}
