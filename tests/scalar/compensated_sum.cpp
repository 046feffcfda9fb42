// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>

#include <fovea/scalar/compensated_sum.hpp>

#include "../catch.hpp"

TEST_CASE("compensated_sum keeps the digits that a plain sum loses to rounding") {
  fovea::compensated_sum large;
  for (double term : {1., 1e100, 1., -1e100}) large += term;
  CHECK(large.value() == 2);
  fovea::compensated_sum tenths;
  for (int i = 0; i < 10'000'000; ++i) tenths += 0.1;
  CHECK(tenths.value() == 1e6);
  CHECK(fovea::compensated_sum{}.value() == 0);
  auto const infinity = std::numeric_limits<double>::infinity();
  for (double const term : {1e308, infinity}) {
    fovea::compensated_sum too_large;
    for (int i = 0; i != 3; ++i) too_large += -term;
    CHECK(too_large.value() == -infinity);
  }
}
