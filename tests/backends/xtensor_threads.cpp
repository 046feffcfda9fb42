// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "../catch.hpp"

TEST_CASE("a program without a BLAS refuses the option, and names the target to link") {
  CHECK_THROWS_WITH(fovea::xtensor_backend<float>({.blas = true}),
                    "xtensor_backend: blas is set, but the program is compiled without one; link the CMake target "
                    "fovea::xtensor_blas");
}

TEST_CASE("a backend with 0 threads is rejected") {
  CHECK_THROWS_WITH(fovea::xtensor_backend<float>({.threads = 0}),
                    "xtensor_backend: threads must be at least 1, got 0");
}
