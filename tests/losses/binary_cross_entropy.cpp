// SPDX-License-Identifier: MIT
#include <fovea/losses/binary_cross_entropy.hpp>

#include "probabilities.hpp"

using accuracy::exact;
using fovea::binary_cross_entropy;

TEMPLATE_TEST_CASE("binary_cross_entropy is accurate on all of [0, 1]", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  auto const p = accuracy::every_probability<T>();
  for (double y : {0., 1e-30, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1.}) {
    auto const target = static_cast<T>(y);
    exact const y_of = target;
    evaluated const found(TestType{}, binary_cross_entropy{}, p, target);
    CHECK(found.not_finite() == 0);
    errors worst;
    worst.see(found, p, 1, [&](exact x) {
      truth t = held_cross_entropy(x, target);
      exact const variance = (x - y_of) * (x - y_of) + y_of * (1 - y_of);  // the curvature's numerator
      if (variance < std::numeric_limits<T>::min()) t.curvature_scale = std::numeric_limits<exact>::infinity();
      return t;
    });
    CAPTURE(y, worst.value.where(), worst.slope.where(), worst.curvature.where());
    CHECK(worst.value.error() <= accuracy::promised<T>);
    CHECK(worst.slope.error() <= accuracy::promised<T>);
    CHECK(worst.curvature.error() <= accuracy::promised<T>);
  }
}

TEMPLATE_TEST_CASE("binary_cross_entropy propagates NaN", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  T const nan = std::numeric_limits<T>::quiet_NaN();
  for (T y : {T(0), T(0.5), T(1)})
    CHECK(evaluated(TestType{}, binary_cross_entropy{}, std::vector<T>(3, nan), y).not_finite() == 9);
  CHECK(evaluated(TestType{}, binary_cross_entropy{}, std::vector<T>(3, T(0.5)), nan).not_finite() == 9);
}

TEMPLATE_TEST_CASE("binary_cross_entropy matches PyTorch", "", fovea::host_backend<double>,
                   fovea::xtensor_backend<double>) {
  auto const p = fixture("probabilities"), y = fixture("probability_targets");
  evaluated const found(TestType{}, binary_cross_entropy{}, p, y);
  auto const exact_values = difference(found.values, fixture("binary_cross_entropy_values"));
  CAPTURE(exact_values.where());
  CHECK(exact_values.error() <= 1e-15);
  auto const gradients = fixture("binary_cross_entropy_gradients");
  auto const exact_slopes = difference(found.slopes, gradients, unheld{p, gradients});
  CAPTURE(exact_slopes.where());
  CHECK(exact_slopes.error() <= 1e-14);

  auto const values = difference(found.values, fixture("binary_cross_entropy_torch_values"));
  CAPTURE(values.where());
  CHECK(values.error() <= 1e-9);  // PyTorch computes log(1 - p)
  auto const slopes = difference(found.slopes, fixture("binary_cross_entropy_torch_gradients"));
  CAPTURE(slopes.where());
  CHECK(slopes.error() <= 1e-8);  // PyTorch's constant is 1e-12f
}
