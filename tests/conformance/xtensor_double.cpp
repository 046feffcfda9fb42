// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "suite.hpp"

TEST_CASE("xtensor_backend<double> keeps the laws") {
  conformance::every_law([] { return fovea::xtensor_backend<double>{}; });
}
