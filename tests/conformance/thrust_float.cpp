// SPDX-License-Identifier: MIT
// Two systems in one program, so that their shared loops are compiled once.
#include <fovea/backends/thrust.hpp>

#include "report.hpp"

TEST_CASE("thrust_backend<float, cpp> satisfies the laws", "[thrust_cpp_float]") {
  holds(fovea::testing::check_backend(fovea::thrust_backend<float, fovea::thrust_systems::cpp>{},
                                      {.name = "thrust_backend<float, cpp>"}));
}

#if defined(_OPENMP)
TEST_CASE("thrust_backend<float, omp> satisfies the laws, with the same bits for any thread count",
          "[thrust_omp_float]") {
  using backend = fovea::thrust_backend<float, fovea::thrust_systems::omp>;
  holds(fovea::testing::check_backend(
      backend{}, {.name = "thrust_backend<float, omp>", .twins = {backend{{.threads = 1}}, backend{{.threads = 3}}}}));
}
#endif
