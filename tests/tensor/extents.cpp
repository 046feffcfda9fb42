// SPDX-License-Identifier: MIT
#include <fovea/tensor/extents.hpp>

#include <type_traits>

#include "../catch.hpp"

using fovea::dynamic;
using fovea::extent;
using fovea::extents;

static_assert(extent<3>{} == 3 && std::is_empty_v<extent<3>>, "a static extent is in the type alone");
static_assert(extent<dynamic>{5} == 5 && extent<dynamic>{} == 0,
              "an extent that nobody gave is 0, which layers refuse");
static_assert(extents<2, 3>{}.size() == 6 && extents<2, 3>{}.get<1>() == 3 && extents<>{}.size() == 1);
static_assert(extents<dynamic, 3>({4, 3}).size() == 12 && extents<2, 3, 4>::rank == 3);
static_assert(std::is_same_v<fovea::domain<>, extents<dynamic, dynamic>>);

TEST_CASE("extents combine dynamic extents from run time with static extents from the type") {
  extents<dynamic, 29, dynamic> const e({128, 1000, 2});
  CHECK(e.get<0>() == 128);
  CHECK(e.get<1>() == 29);
  CHECK(e.get<2>() == 2);
  CHECK(e.to_array() == std::array<std::size_t, 3>{128, 29, 2});
  CHECK(e.size() == 128 * 29 * 2);
}

TEST_CASE("an extent of 0 makes the size 0") {
  CHECK(extents<dynamic, 29>({0, 29}).size() == 0);
  CHECK(extents<0, 29>{}.size() == 0);
}
