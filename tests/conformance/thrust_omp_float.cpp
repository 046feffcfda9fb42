// SPDX-License-Identifier: MIT
#include <fovea/backends/thrust.hpp>

#include "report.hpp"

TEST_CASE("thrust_backend<float, omp> keeps the laws, and the number of threads changes no bit") {
  using backend = fovea::thrust_backend<float, fovea::thrust_systems::omp>;
  holds(fovea::testing::check_backend(
      backend{}, {.name = "thrust_backend<float, omp>", .twins = {backend{{.threads = 1}}, backend{{.threads = 3}}}}));
}
