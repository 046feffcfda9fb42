// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

TEST_CASE("xtensor_backend<float> keeps the laws on two threads") {
  holds(fovea::testing::check_backend(fovea::xtensor_backend<float>{{.threads = 2}},
                                      {.name = "xtensor_backend<float>, 2 threads"}));
}
