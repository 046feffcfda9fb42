// SPDX-License-Identifier: MIT
#include <fovea/backends/thrust/tbb.hpp>

#include "report.hpp"

TEST_CASE("thrust_backend<float, tbb> satisfies the laws") {
  holds(fovea::testing::check_backend(fovea::thrust_backend<float, fovea::thrust_systems::tbb>{},
                                      {.name = "thrust_backend<float, tbb>"}));
}
