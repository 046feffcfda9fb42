// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <fovea/metrics/average_precision.hpp>
#include <fovea/metrics/precision_recall_curve.hpp>

#include "ranking.hpp"

using fovea::precision_recall_curve;

TEST_CASE("precision_recall_curve returns scikit-learn's points and thresholds") {
  for (auto const& ranking : sklearn::rankings) {
    CAPTURE(ranking.scores, ranking.targets);
    CHECK(precision_recall_curve(ranking.scores, ranking.targets) == ranking.precision_recall);
  }
}

TEST_CASE("precision_recall_curve ends at recall 0, and its steps sum to average_precision") {
  for_each_ranking([](auto const& scores, auto const& targets, auto const&) {
    auto const curve = precision_recall_curve(scores, targets);
    CHECK(curve.front().recall == 1);
    CHECK(curve.back() == fovea::precision_recall_point{1, 0, std::numeric_limits<double>::infinity()});
    double sum = 0;
    for (std::size_t i = 1; i < curve.size(); ++i)
      sum += (curve[i - 1].recall - curve[i].recall) * curve[i - 1].precision;
    CHECK_THAT(sum, Catch::Matchers::WithinAbs(fovea::average_precision(scores, targets), 1e-13));
  });
}

TEST_CASE("precision_recall_curve rejects invalid inputs") {
  check_refusals([](auto const& p, auto const& y) { return precision_recall_curve(p, y); }, "precision_recall_curve");
  auto const infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(precision_recall_curve(std::vector{0.1, 0.2}, std::vector{0, 0}),
                    "precision_recall_curve: all targets are 0, must have a positive one");
  CHECK_THROWS_WITH(precision_recall_curve(std::vector<float>{}, std::vector<int>{}),
                    "precision_recall_curve: no rows, must have a positive one");
  CHECK_THROWS_WITH(precision_recall_curve(std::vector{infinity, 0.f}, std::vector{0, 1}),
                    "precision_recall_curve: a probability is infinite");
}
