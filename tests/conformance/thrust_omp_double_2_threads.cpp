// SPDX-License-Identifier: MIT
#include <fovea/backends/thrust.hpp>

#include "report.hpp"

TEST_CASE("thrust_backend<double, omp> satisfies the laws on two threads") {
  holds(fovea::testing::check_backend(fovea::thrust_backend<double, fovea::thrust_systems::omp>{{.threads = 2}},
                                      {.name = "thrust_backend<double, omp>, 2 threads"}));
}
