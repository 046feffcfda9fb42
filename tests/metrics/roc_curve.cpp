// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <fovea/metrics/roc_auc.hpp>
#include <fovea/metrics/roc_curve.hpp>

#include "ranking.hpp"

using fovea::roc_curve;

TEST_CASE("roc_curve returns scikit-learn's points and thresholds") {
  for (auto const& ranking : sklearn::rankings) {
    CAPTURE(ranking.scores, ranking.targets);
    CHECK(roc_curve(ranking.scores, ranking.targets) == ranking.roc);
  }
}

TEST_CASE("roc_curve runs from (0, 0) to (1, 1), and its area is roc_auc") {
  for_each_ranking([](auto const& scores, auto const& targets, auto const&) {
    auto const curve = roc_curve(scores, targets);
    CHECK(curve.front() == fovea::roc_point{0, 0, std::numeric_limits<double>::infinity()});
    CHECK(curve.back().false_positive_rate == 1);
    CHECK(curve.back().true_positive_rate == 1);
    double area = 0;
    for (std::size_t i = 1; i < curve.size(); ++i)
      area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
              (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
    CHECK_THAT(area, Catch::Matchers::WithinAbs(fovea::roc_auc(scores, targets), 1e-13));
  });
}

TEST_CASE("roc_curve rejects invalid inputs") {
  check_refusals([](auto const& p, auto const& y) { return roc_curve(p, y); }, "roc_curve");
  std::vector const p{0.1, 0.2};
  auto const infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(roc_curve(p, std::vector{0, 0}), "roc_curve: all targets are 0, must have both classes");
  CHECK_THROWS_WITH(roc_curve(p, std::vector{1, 1}), "roc_curve: all targets are 1, must have both classes");
  CHECK_THROWS_WITH(roc_curve(std::vector<float>{}, std::vector<int>{}), "roc_curve: no rows, must have both classes");
  CHECK_THROWS_WITH(roc_curve(std::vector{0., infinity}, std::vector{0, 1}), "roc_curve: a probability is infinite");
  CHECK_THROWS_AS(roc_curve(std::vector{0., -infinity}, std::vector{0, 1}), fovea::numeric_error);
}
