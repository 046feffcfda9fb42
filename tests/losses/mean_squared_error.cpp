// SPDX-License-Identifier: MIT
#include <fovea/losses/mean_squared_error.hpp>

#include "evaluated.hpp"

TEMPLATE_TEST_CASE("mean_squared_error is the square of the difference", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  std::vector<T> const x{0, 1, -2, T(0.5), 1000, T(-0.125), 7}, y{0, 3, 1, T(0.25), -1000, T(0.125), 7};
  evaluated const found(TestType{}, fovea::mean_squared_error{}, x, y);
  CHECK(found.values == std::vector<T>{0, 4, 9, T(0.0625), 4000000, T(0.0625), 0});
  CHECK(found.slopes == std::vector<T>{0, -4, -6, T(0.5), 4000, T(-0.5), 0});
  CHECK(found.curvatures == std::vector<T>(x.size(), 2));
}

TEMPLATE_TEST_CASE("mean_squared_error matches PyTorch", "", fovea::host_backend<double>,
                   fovea::xtensor_backend<double>) {
  evaluated const found(TestType{}, fovea::mean_squared_error{}, fixture("logits"), fixture("targets"));
  CHECK(difference(found.values, fixture("mean_squared_error_values")).error() <= 1e-15);
  CHECK(difference(found.slopes, fixture("mean_squared_error_gradients")).error() <= 1e-15);
}
