// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

#include "../catch.hpp"
#include "../scalar/xtensor.hpp"

using fovea::mask;
using fovea::reduction;
using fovea::sample_weights;
using fovea::sigmoid_focal_loss;

TEMPLATE_TEST_CASE("losses do not depend on the number of threads", "", float, double) {
  using T = TestType;
  for (std::size_t n : {std::size_t{1}, std::size_t{1000}, std::size_t{100003}}) {
    std::vector<T> z(n), y(n), s(n);
    std::vector<int> m(n);
    for (std::size_t i = 0; i != n; ++i)
      z[i] = T(0.001) * static_cast<T>((i * 7919) % 16001) - T(8), y[i] = i % 17 == 0, s[i] = T(0.5) + (i % 3 == 0),
      m[i] = i % 5 != 0;
    sigmoid_focal_loss const loss{.gamma = 2, .alpha = 0.25};
    fovea::xtensor_backend<T> const one, two({.threads = 2}), three({.threads = 3});
    auto const of = [&](auto const& b) {
      return fovea::value_gradient_and_hessian(b, loss, z, y, mask(m), sample_weights(s), reduction::weighted_mean);
    };
    auto const a = of(one), b = of(two), c = of(three);
    CHECK((a.value == b.value && a.value == c.value));
    CHECK((a.gradient == b.gradient && a.gradient == c.gradient));
    CHECK((a.hessian == b.hessian && a.hessian == c.hessian));
    CHECK(fovea::value(one, loss, z, y) == fovea::value(two, loss, z, y));
    CHECK(static_cast<double>(fovea::value(one, loss, z, y)) ==
          Approx(static_cast<double>(fovea::value(fovea::host_backend<T>{}, loss, z, y))).epsilon(1e-6));
  }
  xt::xtensor<float, 2> const z{{-3, 0.5f, 2}, {4, -1, 0}}, y{{0, 1, 1}, {0.25f, 0, 1}};
  CHECK(fovea::value(fovea::xtensor_backend{{.threads = 2}}, sigmoid_focal_loss{}, z, y) ==
        fovea::value(sigmoid_focal_loss{}, z, y));
}
