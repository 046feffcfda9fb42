// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

TEST_CASE("xtensor_backend<float> keeps the laws, and the number of threads changes no bit") {
  using backend = fovea::xtensor_backend<float>;
  holds(fovea::testing::check_backend(
      backend{}, {.name = "xtensor_backend<float>",
                  .twins = {backend{{.threads = 2}}, backend{{.threads = 3}}, backend{{.threads = 5}}}}));
}
