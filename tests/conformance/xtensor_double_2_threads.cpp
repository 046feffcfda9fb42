// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "suite.hpp"

TEST_CASE("xtensor_backend<double> with 2 threads keeps the laws") {
  conformance::every_law([] { return fovea::xtensor_backend<double>{{.threads = 2}}; });
}
