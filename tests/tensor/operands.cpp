// SPDX-License-Identifier: MIT
#include <fovea/tensor/operands.hpp>

#include <cmath>
#include <concepts>

#include "../catch.hpp"

using fovea::maximum;
using fovea::plus;

namespace {
template <class... Operands> using computed = typename fovea::computes_in<Operands...>::type;
struct not_real {};
float const not_a_number = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
}  // namespace

static_assert(std::same_as<computed<fovea::each<float const>>, float>);
static_assert(std::same_as<computed<fovea::each<int const>, fovea::out<double>>, double>);
static_assert(std::same_as<computed<fovea::broadcast<not_real>, fovea::per_row<bool>, fovea::each<float>>, float>);
static_assert(std::same_as<computed<fovea::each<float>, fovea::per_column<double>>, float>,
              "the first real operand decides");
static_assert(std::same_as<decltype(fovea::terms{1.0F, 2.0F, 3.0F}), fovea::terms<float, 3>>);

TEST_CASE("plus and maximum have identity elements") {
  CHECK(plus::identity<float>() == 0);
  CHECK(maximum::identity<double>() == -std::numeric_limits<double>::infinity());
  CHECK(plus{}(2.0F, 3.0F) == 5);
  CHECK(plus{}(plus::identity<float>(), -7.0F) == -7);
  CHECK(maximum{}(maximum::identity<float>(), -infinity) == -infinity);
  CHECK(maximum{}(maximum::identity<float>(), -7.0F) == -7);
}

TEST_CASE("maximum and plus propagate a NaN from either side") {
  CHECK(maximum{}(1.0F, 2.0F) == 2);
  CHECK(maximum{}(2.0F, 1.0F) == 2);
  CHECK(maximum{}(infinity, 1.0F) == infinity);
  for (float other : {1.0F, infinity, -infinity, not_a_number}) {
    CHECK(std::isnan(maximum{}(not_a_number, other)));
    CHECK(std::isnan(maximum{}(other, not_a_number)));
    CHECK(std::isnan(plus{}(not_a_number, other)));
  }
}
