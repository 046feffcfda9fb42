// SPDX-License-Identifier: MIT
#include <fovea/backends/thrust.hpp>

#include "suite.hpp"

TEST_CASE("thrust_backend<double, omp> with 2 threads keeps the laws") {
  conformance::every_law([] { return fovea::thrust_backend<double, fovea::thrust_systems::omp>{{.threads = 2}}; });
}
