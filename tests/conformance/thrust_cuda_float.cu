// SPDX-License-Identifier: MIT
#include <iostream>

#include <fovea/backends/thrust.hpp>

#include "report.hpp"

TEST_CASE("thrust_backend<float, cuda> satisfies the laws") {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::cout << "skipped: there is no CUDA device\n";
    return;
  }
  holds(fovea::testing::check_backend(fovea::thrust_backend<float>{}, {.name = "thrust_backend<float, cuda>"}));
}
