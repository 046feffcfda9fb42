// SPDX-License-Identifier: MIT
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <fovea/metrics/confusion_matrix.hpp>

#include "ranking.hpp"

using fovea::confusion_counts;
using fovea::confusion_matrix;

TEST_CASE("confusion_matrix matches scikit-learn") {
  for (auto const& ranking : sklearn::rankings)
    CHECK(confusion_matrix(ranking.scores, ranking.targets) == ranking.at_half);
  for (auto const& ranking : sklearn::drawn_rankings) {
    CAPTURE(ranking.rows, ranking.levels, ranking.single);
    auto const [scores, targets] = drawn<double>(ranking);
    auto const [floats, float_targets] = drawn<float>(ranking);
    CHECK((ranking.single ? confusion_matrix(floats, targets) : confusion_matrix(scores, float_targets)) ==
          ranking.at_half);
  }
}

TEST_CASE("confusion_matrix predicts positive at and above the threshold") {
  std::vector const probabilities{0.25f, 0.5f, 0.75f, 0.5f};
  std::vector const targets{0., 0., 1., 1.};
  CHECK(confusion_matrix(probabilities, targets) == confusion_counts{1, 1, 0, 2});
  CHECK(confusion_matrix(probabilities, targets, 0.500001) == confusion_counts{2, 0, 1, 1});
  CHECK(confusion_matrix(probabilities, targets, 2) == confusion_counts{2, 0, 2, 0});
  CHECK(confusion_matrix(probabilities, targets, -1) == confusion_counts{0, 2, 0, 2});
  CHECK(confusion_matrix(std::vector{0.7f}, std::vector{1}, 0.7) == confusion_counts{0, 0, 0, 1});  // 0.7f < 0.7
  CHECK(confusion_matrix(std::vector{0, 1}, std::vector{0, 1}, 0.5) == confusion_counts{1, 0, 0, 1});
  CHECK(confusion_matrix(std::span(probabilities).first(0), std::vector<int>{}) == confusion_counts{});
}

TEST_CASE("confusion_matrix rejects invalid inputs") {
  check_refusals([](auto const& p, auto const& y) { return confusion_matrix(p, y); }, "confusion_matrix");
  CHECK_THROWS_WITH(confusion_matrix(std::vector{0.5}, std::vector{1}, std::numeric_limits<double>::quiet_NaN()),
                    "confusion_matrix: threshold is nan");
}
