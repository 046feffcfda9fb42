// SPDX-License-Identifier: MIT
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

TEST_CASE("xtensor_backend<float> with a BLAS satisfies the laws, with the same bits for any thread count",
          "[xtensor_blas]") {
  using backend = fovea::xtensor_backend<float>;
  holds(fovea::testing::check_backend(backend{{.blas = true}}, {.name = "xtensor_backend<float>, BLAS",
                                                                .twins = {backend{{.threads = 2, .blas = true}}}}));
}
