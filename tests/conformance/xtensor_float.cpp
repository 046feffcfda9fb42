// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

TEST_CASE("xtensor_backend<float> satisfies the laws, with the same bits for any thread count", "[xtensor_float]") {
  using backend = fovea::xtensor_backend<float>;
  holds(fovea::testing::check_backend(
      backend{}, {.name = "xtensor_backend<float>",
                  .twins = {backend{{.threads = 2}}, backend{{.threads = 3}}, backend{{.threads = 5}}}}));
}

TEST_CASE("xtensor_backend<float> satisfies the laws on two threads", "[xtensor_float_2_threads]") {
  holds(fovea::testing::check_backend(fovea::xtensor_backend<float>{{.threads = 2}},
                                      {.name = "xtensor_backend<float>, 2 threads"}));
}
