// SPDX-License-Identifier: MIT
#include <limits>
#include <string>
#include <vector>

#include <fovea/metrics/threshold_counts.hpp>

#include "ranking.hpp"

TEST_CASE("a metric whose arguments are swapped says so") {
  std::vector<double> const p{0.25, 0.75};
  std::vector<int> const y{0, 1};
  CHECK_THROWS_WITH(fovea::threshold_counts(y, p),
                    "threshold_counts: target 0 is 0.25, must be 0 or 1; the probabilities come before the targets");
}

TEST_CASE("threshold_counts returns one point per distinct probability, in descending order") {
  auto const points =
      fovea::threshold_counts(std::vector{0.5f, 1.f, 0.5f, 0.25f, 0.5f, 0.f, -0.f}, std::vector{1, 0, 0, 1, 1, 0, 1});
  using point = fovea::threshold_count<float>;
  CHECK(points == std::vector<point>{{1, 1, 0}, {0.5f, 2, 2}, {0.25f, 2, 3}, {0, 3, 4}});
  CHECK(fovea::threshold_counts(std::vector<double>{}, std::vector<int>{}).empty());
}

TEST_CASE("threshold_counts rejects invalid inputs") {
  check_refusals([](auto const& p, auto const& y) { return fovea::threshold_counts(p, y); }, "threshold_counts");
}
