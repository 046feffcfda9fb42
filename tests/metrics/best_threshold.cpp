// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/cost_threshold.hpp>
#include <fovea/metrics/f_beta_threshold.hpp>

#include "ranking.hpp"

using fovea::best_threshold;
using fovea::confusion_counts;
using fovea::confusion_matrix;
using fovea::cost_threshold;
using fovea::f_beta_threshold;

namespace {
auto const infinity = std::numeric_limits<double>::infinity();
auto const not_a_number = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("f_beta_threshold returns the threshold of scikit-learn's largest fbeta_score") {
  for_each_ranking([](auto const& scores, auto const& targets, auto const& expected) {
    for (auto const& [beta, threshold, value] : expected.f_betas) {
      CAPTURE(beta);
      auto const best = f_beta_threshold(scores, targets, beta);
      CHECK(best.threshold == threshold);
      CHECK(best.value == value);
      CHECK(confusion_matrix(scores, targets, best.threshold) == best.counts);
    }
  });
}

TEST_CASE("cost_threshold returns the threshold of minimal cost for scikit-learn's counts") {
  for_each_ranking([](auto const& scores, auto const& targets, auto const& expected) {
    for (auto const& [costs, threshold, value] : expected.costs) {
      CAPTURE(costs.true_negative, costs.false_positive, costs.false_negative, costs.true_positive);
      auto const best = cost_threshold(scores, targets, costs);
      CHECK(best.threshold == threshold);
      CHECK(best.value == value);
      CHECK(confusion_matrix(scores, targets, best.threshold) == best.counts);
    }
  });
}

TEST_CASE("best_threshold accepts any function of the counts and prefers the highest of equal thresholds") {
  std::vector const p{0.1f, 0.3f, 0.3f, 0.8f};
  std::vector const y{0, 1, 0, 1};
  auto const found = best_threshold(p, y, [](confusion_counts const& c) { return c.true_positive; });
  CHECK(found.threshold == 0.3f);
  CHECK(found.value == 2);
  CHECK(found.counts == confusion_counts{1, 1, 0, 2});
  CHECK(best_threshold(p, y, [](confusion_counts const&) { return 7; }).threshold == infinity);
  auto const precision = [](confusion_counts const& c) { return c.true_positive ? fovea::precision(c) : not_a_number; };
  CHECK(best_threshold(p, y, precision).threshold == 0.8f);
}

TEST_CASE("cost_threshold returns infinity if predicting no positive is cheapest") {
  std::vector const p{0.1, 0.9}, y{1., 0.};
  CHECK(cost_threshold(p, y, {.false_positive = 10}).threshold == infinity);
  CHECK(cost_threshold(p, y, {.false_positive = 10}).value == 1);
  CHECK(cost_threshold(p, y, {.false_negative = 10}).threshold == 0.1);
  CHECK(cost_threshold(p, y).threshold == infinity);  // both options cost 1
}

TEST_CASE("best_threshold rejects invalid inputs") {
  auto const right = [](confusion_counts const& c) { return c.true_positive; };
  check_refusals([&](auto const& p, auto const& y) { return best_threshold(p, y, right); }, "best_threshold");
  check_refusals([](auto const& p, auto const& y) { return f_beta_threshold(p, y); }, "f_beta_threshold");
  check_refusals([](auto const& p, auto const& y) { return cost_threshold(p, y); }, "cost_threshold");
  std::vector const p{0.5, 0.25}, y{0., 0.};
  CHECK_THROWS_WITH(f_beta_threshold(p, y), "f_beta_threshold: all targets are 0, must have a positive one");
  CHECK_THROWS_AS(f_beta_threshold(p, y, -1), fovea::argument_error);
  CHECK_THROWS_WITH(cost_threshold(std::vector<float>{}, std::vector<int>{}), "cost_threshold: no rows");
  CHECK_THROWS_WITH(cost_threshold(p, y, {.false_negative = infinity}),
                    "cost_matrix: false_negative is inf, must be finite");
  CHECK_THROWS_WITH(cost_threshold(p, y, {.true_positive = not_a_number}),
                    "cost_matrix: true_positive is nan, must be finite");
  CHECK_THROWS_WITH(cost_threshold(std::vector{infinity, 0.}, y), "cost_threshold: a probability is infinite");
}
