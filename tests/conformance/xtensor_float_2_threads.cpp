// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "suite.hpp"

TEST_CASE("xtensor_backend<float> with 2 threads keeps the laws") {
  conformance::every_law([] { return fovea::xtensor_backend<float>{{.threads = 2}}; });
}
