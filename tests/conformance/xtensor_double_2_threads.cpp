// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

TEST_CASE("xtensor_backend<double> keeps the laws on two threads") {
  holds(fovea::testing::check_backend(fovea::xtensor_backend<double>{{.threads = 2}},
                                      {.name = "xtensor_backend<double>, 2 threads"}));
}
