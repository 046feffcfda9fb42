// SPDX-License-Identifier: MIT
#include <fovea/backends/host.hpp>

#include "suite.hpp"

TEST_CASE("host<double> keeps the laws") {
  conformance::every_law([] { return fovea::host<double>{}; });
}
