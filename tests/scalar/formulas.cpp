// SPDX-License-Identifier: MIT
#include <fovea/scalar/formulas.hpp>

#include <cmath>
#include <limits>

#include "../catch.hpp"
#include "accuracy.hpp"

using accuracy::exact;

TEMPLATE_TEST_CASE("slopes computed from the output match the slopes of dual numbers", "", float, double) {
  using T = TestType;
  auto const check = [](auto formula, T x, exact slope) {
    CHECK(std::fabs(static_cast<exact>(formula.slope_from_output(formula(x))) - slope) <=
          4 * exact{std::numeric_limits<T>::epsilon()});
  };
  for (T x : {T(-3), T(-0.5), T(0.25), T(2)}) {
    exact const p = accuracy::sigmoid(x), t = std::tanh(static_cast<exact>(x));
    check(fovea::identity_formula{}, x, 1);
    check(fovea::sigmoid_formula{}, x, p * (1 - p));
    check(fovea::relu_formula{}, x, x > 0);
    check(fovea::tanh_formula{}, x, 1 - t * t);
  }
}
