// SPDX-License-Identifier: MIT
#include <fovea/backends/host.hpp>

#include "report.hpp"

TEST_CASE("host_backend<double> satisfies the laws") {
  holds(fovea::testing::check_backend(fovea::host_backend<double>{}, {.name = "host_backend<double>"}));
}
