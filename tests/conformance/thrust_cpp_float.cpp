// SPDX-License-Identifier: MIT
#include <fovea/backends/thrust.hpp>

#include "suite.hpp"

TEST_CASE("thrust_backend<float, cpp> keeps the laws") {
  conformance::every_law([] { return fovea::thrust_backend<float, fovea::thrust_systems::cpp>{}; });
}
