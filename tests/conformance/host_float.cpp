// SPDX-License-Identifier: MIT
#include <fovea/backends/host.hpp>

#include "report.hpp"

TEST_CASE("host<float> keeps the laws") {
  holds(fovea::testing::check_backend(fovea::host<float>{}, {.name = "host<float>"}));
}
