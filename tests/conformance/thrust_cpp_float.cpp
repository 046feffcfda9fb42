// SPDX-License-Identifier: MIT
#include <fovea/backends/thrust.hpp>

#include "report.hpp"

TEST_CASE("thrust_backend<float, cpp> keeps the laws") {
  holds(fovea::testing::check_backend(fovea::thrust_backend<float, fovea::thrust_systems::cpp>{},
                                      {.name = "thrust_backend<float, cpp>"}));
}
