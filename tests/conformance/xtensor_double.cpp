// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

TEST_CASE("xtensor_backend<double> satisfies the laws, with the same bits for any thread count", "[xtensor_double]") {
  using backend = fovea::xtensor_backend<double>;
  holds(fovea::testing::check_backend(
      backend{}, {.name = "xtensor_backend<double>",
                  .twins = {backend{{.threads = 2}}, backend{{.threads = 3}}, backend{{.threads = 5}}}}));
}

TEST_CASE("xtensor_backend<double> satisfies the laws on two threads", "[xtensor_double_2_threads]") {
  holds(fovea::testing::check_backend(fovea::xtensor_backend<double>{{.threads = 2}},
                                      {.name = "xtensor_backend<double>, 2 threads"}));
}
