// SPDX-License-Identifier: MIT
// The sample weights of the binary metrics.
#include <limits>
#include <string>
#include <vector>

#include <fovea/metrics/average_precision.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/brier_score.hpp>
#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/cost_threshold.hpp>
#include <fovea/metrics/expected_calibration_error.hpp>
#include <fovea/metrics/f_beta_threshold.hpp>
#include <fovea/metrics/log_loss.hpp>
#include <fovea/metrics/matthews_correlation.hpp>
#include <fovea/metrics/precision_recall_curve.hpp>
#include <fovea/metrics/roc_auc.hpp>
#include <fovea/metrics/roc_curve.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"

using Catch::Matchers::WithinAbs;
using fovea::sample_weights;

namespace {

using numbers = std::vector<double>;
using integers = std::vector<int>;

void check_counts(fovea::weighted_confusion_counts const& found, fovea::weighted_confusion_counts const& expected) {
  CHECK_THAT(found.true_negative, WithinAbs(expected.true_negative, 1e-13));
  CHECK_THAT(found.false_positive, WithinAbs(expected.false_positive, 1e-13));
  CHECK_THAT(found.false_negative, WithinAbs(expected.false_negative, 1e-13));
  CHECK_THAT(found.true_positive, WithinAbs(expected.true_positive, 1e-13));
}

/// Calls check(name, metric) for every metric, where metric(probabilities, targets, weights) discards the result.
template <class Check> void for_each_metric(Check const& check) {
  check("average_precision", [](auto const& p, auto const& y, auto const& w) { fovea::average_precision(p, y, w); });
  check("best_threshold", [](auto const& p, auto const& y, auto const& w) {
    fovea::best_threshold(
        p, y, [](auto const& counts) { return fovea::accuracy(counts); }, w);
  });
  check("brier_score", [](auto const& p, auto const& y, auto const& w) { fovea::brier_score(p, y, w); });
  check("calibration_curve", [](auto const& p, auto const& y, auto const& w) { fovea::calibration_curve(p, y, 5, w); });
  check("confusion_matrix", [](auto const& p, auto const& y, auto const& w) { fovea::confusion_matrix(p, y, 0.5, w); });
  check("cost_threshold", [](auto const& p, auto const& y, auto const& w) { fovea::cost_threshold(p, y, {}, w); });
  check("expected_calibration_error",
        [](auto const& p, auto const& y, auto const& w) { fovea::expected_calibration_error(p, y, 5, w); });
  check("f_beta_threshold", [](auto const& p, auto const& y, auto const& w) { fovea::f_beta_threshold(p, y, 1, w); });
  check("log_loss", [](auto const& p, auto const& y, auto const& w) { fovea::log_loss(p, y, w); });
  check("precision_recall_curve",
        [](auto const& p, auto const& y, auto const& w) { fovea::precision_recall_curve(p, y, w); });
  check("roc_auc", [](auto const& p, auto const& y, auto const& w) { fovea::roc_auc(p, y, w); });
  check("roc_curve", [](auto const& p, auto const& y, auto const& w) { fovea::roc_curve(p, y, w); });
}

}  // namespace

TEST_CASE("weighted metrics match scikit-learn") {
  for (auto const& r : sklearn::weighted_rankings) {
    CAPTURE(r.scores, r.targets, r.weights);
    sample_weights const w(r.weights);
    auto const counts = fovea::confusion_matrix(r.scores, r.targets, 0.5, w);
    check_counts(counts, r.at_half);
    CHECK_THAT(fovea::roc_auc(r.scores, r.targets, w), WithinAbs(r.roc_auc, 1e-14));
    CHECK_THAT(fovea::average_precision(r.scores, r.targets, w), WithinAbs(r.average_precision, 1e-14));
    CHECK_THAT(fovea::log_loss(r.scores, r.targets, w), WithinAbs(r.log_loss, 1e-14));
    CHECK_THAT(fovea::brier_score(r.scores, r.targets, w), WithinAbs(r.brier_score, 1e-14));
    CHECK_THAT(fovea::matthews_correlation(counts), WithinAbs(r.matthews_correlation, 1e-14));
    CHECK(fovea::matthews_correlation(r.scores, r.targets, 0.5, w) == fovea::matthews_correlation(counts));
    CHECK_THAT(fovea::expected_calibration_error(r.scores, r.targets, 10, w), WithinAbs(r.calibration_error_10, 1e-14));
    CHECK_THAT(fovea::expected_calibration_error(r.scores, r.targets, 15, w), WithinAbs(r.calibration_error_15, 1e-14));
  }
}

TEST_CASE("weighted calibration_curve matches scikit-learn's of repeated rows") {
  for (auto const& r : sklearn::weighted_rankings) {
    CAPTURE(r.scores, r.targets, r.weights);
    std::size_t filled = 0;
    for (auto const& bin : fovea::calibration_curve(r.scores, r.targets, 10, sample_weights(r.weights)))
      if (bin.rows != 0) {
        REQUIRE(filled < r.calibration_10.size());
        CHECK_THAT(bin.mean_probability, WithinAbs(r.calibration_10[filled].mean_probability, 1e-14));
        CHECK_THAT(bin.positive_share, WithinAbs(r.calibration_10[filled].positive_share, 1e-14));
        ++filled;
      }
    CHECK(filled == r.calibration_10.size());
  }
}

TEST_CASE("weighted thresholds match scikit-learn's counts") {
  for (auto const& r : sklearn::weighted_rankings) {
    CAPTURE(r.scores, r.targets, r.weights);
    sample_weights const w(r.weights);
    for (auto const& [beta, threshold, value] : r.f_betas) {
      auto const best = fovea::f_beta_threshold(r.scores, r.targets, beta, w);
      CHECK(best.threshold == threshold);
      CHECK_THAT(best.value, WithinAbs(value, 1e-14));
      check_counts(best.counts, fovea::confusion_matrix(r.scores, r.targets, threshold, w));
    }
    for (auto const& [costs, threshold, value] : r.costs) {
      auto const best = fovea::cost_threshold(r.scores, r.targets, costs, w);
      CHECK(best.threshold == threshold);
      CHECK_THAT(best.value, WithinAbs(value, 1e-12));
    }
  }
}

TEST_CASE("weighted curves match scikit-learn, without the rows of weight 0") {
  for (auto const& r : sklearn::weighted_rankings) {
    CAPTURE(r.scores, r.targets, r.weights);
    auto const roc = fovea::roc_curve(r.scores, r.targets, sample_weights(r.weights));
    REQUIRE(roc.size() == r.roc.size());
    for (std::size_t i = 0; i != roc.size(); ++i) {
      CHECK_THAT(roc[i].false_positive_rate, WithinAbs(r.roc[i].false_positive_rate, 1e-15));
      CHECK_THAT(roc[i].true_positive_rate, WithinAbs(r.roc[i].true_positive_rate, 1e-15));
      CHECK(roc[i].threshold == r.roc[i].threshold);
    }
    auto const curve = fovea::precision_recall_curve(r.scores, r.targets, sample_weights(r.weights));
    REQUIRE(curve.size() == r.precision_recall.size());
    for (std::size_t i = 0; i != curve.size(); ++i) {
      CHECK_THAT(curve[i].precision, WithinAbs(r.precision_recall[i].precision, 1e-15));
      CHECK_THAT(curve[i].recall, WithinAbs(r.precision_recall[i].recall, 1e-15));
      CHECK(curve[i].threshold == r.precision_recall[i].threshold);
    }
  }
}

TEST_CASE("weights may be any numbers, and those of 1 change nothing") {
  std::vector const p{0.1f, 0.4f, 0.35f, 0.8f};
  integers const y{0, 0, 1, 1}, ones(4, 1), twos(4, 2);
  CHECK(fovea::roc_auc(p, y, sample_weights(ones)) == fovea::roc_auc(p, y));
  CHECK(fovea::average_precision(p, y, sample_weights(twos)) == fovea::average_precision(p, y));
  CHECK(fovea::brier_score(p, y, sample_weights(ones)) == fovea::brier_score(p, y));
  CHECK(fovea::log_loss(p, y, sample_weights(std::vector(4, 1.f))) == fovea::log_loss(p, y));
  CHECK(fovea::confusion_matrix(p, y, 0.4, sample_weights(twos)) == fovea::weighted_confusion_counts{2, 2, 2, 2});
  CHECK(fovea::threshold_counts(p, y, sample_weights(twos)).back().true_positive == 4);
}

TEST_CASE("every metric rejects invalid sample weights") {
  auto const infinity = std::numeric_limits<double>::infinity();
  numbers const p{0.1, 0.4, 0.35, 0.8};
  integers const y{0, 0, 1, 1};
  for_each_metric([&](std::string const& name, auto const& metric) {
    auto const check = [&](auto kind, numbers const& weights, std::string const& sentence) {
      std::string found = "nothing thrown";
      try {
        metric(p, y, sample_weights(weights));
      } catch (decltype(kind) const& thrown) {
        found = thrown.what();
      }
      CHECK(found == name + ": " + sentence);
    };
    check(fovea::shape_error(""), {1, 1, 1}, "3 sample weights, but 4 targets");
    check(fovea::numeric_error(""), {1, 1, infinity, 1}, "sample weight 2 is inf, must be finite");
    check(fovea::numeric_error(""), {std::numeric_limits<double>::quiet_NaN(), 1, 1, 1},
          "sample weight 0 is nan, must be finite");
    check(fovea::argument_error(""), {1, -0.5, 1, 1}, "sample weight 1 is -0.5, must not be negative");
    check(fovea::numeric_error(""), {0, 0, 0, 0}, "all sample weights are 0");
    check(fovea::argument_error(""), {1e60, 0, 0, 0},
          "the sample weights sum to 1e+60, must be between 1e-50 and 1e50");
    check(fovea::argument_error(""), {1e308, 1e308, 1e308, 1e308},
          "the sample weights sum to inf, must be between 1e-50 and 1e50");
    CHECK_NOTHROW(metric(p, y, sample_weights(numbers{0.5, 0.25, 1, 2})));
  });
}

TEST_CASE("a metric needs targets with weight") {
  numbers const p{0.1, 0.4, 0.35, 0.8}, w{1, 1, 0, 0};
  integers const y{0, 0, 1, 1};
  CHECK_THROWS_WITH(fovea::roc_auc(p, y, sample_weights(w)), "roc_auc: all targets are 0, must have both classes");
  CHECK_THROWS_AS(fovea::average_precision(p, y, sample_weights(w)), fovea::numeric_error);
}
