// SPDX-License-Identifier: MIT
#include <fovea/backends/host.hpp>

#include "suite.hpp"

TEST_CASE("host<float> keeps the laws") {
  conformance::every_law([] { return fovea::host<float>{}; });
}
