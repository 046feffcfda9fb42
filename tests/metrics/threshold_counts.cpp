// SPDX-License-Identifier: MIT
#include <limits>
#include <string>
#include <vector>

#include <fovea/metrics/threshold_counts.hpp>

#include "ranking.hpp"

TEST_CASE("threshold_counts returns one point per distinct probability, in descending order") {
  auto const points =
      fovea::threshold_counts(std::vector{0.5f, 1.f, 0.5f, 0.25f, 0.5f, 0.f, -0.f}, std::vector{1, 0, 0, 1, 1, 0, 1});
  using point = fovea::threshold_count<float>;
  CHECK(points == std::vector<point>{{1, 1, 0}, {0.5f, 2, 2}, {0.25f, 2, 3}, {0, 3, 4}});
  CHECK(fovea::threshold_counts(std::vector<double>{}, std::vector<int>{}).empty());
}

TEST_CASE("threshold_counts rejects invalid inputs") {
  check_refusals(
      [](auto const& p, auto const& y) { return fovea::threshold_counts(fovea::numbers_of(p), fovea::numbers_of(y)); },
      "threshold_counts");
}
