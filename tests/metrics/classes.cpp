// SPDX-License-Identifier: MIT
// The metrics of many classes.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/metrics/balanced_accuracy.hpp>
#include <fovea/metrics/brier_score.hpp>
#include <fovea/metrics/class_confusion_matrix.hpp>
#include <fovea/metrics/class_rates.hpp>
#include <fovea/metrics/cohen_kappa.hpp>
#include <fovea/metrics/expected_calibration_error.hpp>
#include <fovea/metrics/log_loss.hpp>
#include <fovea/metrics/matthews_correlation.hpp>
#include <fovea/metrics/roc_auc.hpp>
#include <fovea/metrics/top_k_accuracy.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"

using Catch::Matchers::WithinAbs;
using fovea::average;
using fovea::class_confusion_matrix;
using fovea::class_scores;
using fovea::sample_weights;

namespace {

auto const not_a_number = std::numeric_limits<double>::quiet_NaN();

struct drawn_rows {
  std::vector<double> scores, weights;
  std::vector<int> targets;
};

/// Draws the rows of a `drawn_class_case` like make_sklearn.py.
drawn_rows drawn(sklearn::drawn_class_case const& c) {
  auto state = c.seed;
  auto const draw = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  drawn_rows rows;
  for (std::size_t i = 0; i != c.rows; ++i) {
    auto const one = draw(c.classes), two = draw(c.classes), target = std::min(one, two);
    double sum = 0;
    for (std::size_t k = 0; k != c.classes; ++k) {
      auto const first = draw(c.levels), second = draw(c.levels);
      rows.scores.push_back(1 + static_cast<double>(k == target ? std::max(first, second) : first));
      sum += rows.scores.back();
    }
    for (auto p = rows.scores.end() - static_cast<std::ptrdiff_t>(c.classes); p != rows.scores.end(); ++p) *p /= sum;
    rows.targets.push_back(static_cast<int>(target));
    rows.weights.push_back(static_cast<double>(draw(5)) / 4);
  }
  return rows;
}

template <class Metric> void check_averages(Metric const& metric, sklearn::averages const& expected) {
  auto const check = [&](average how, double value) {
    CAPTURE(static_cast<int>(how));
    if (std::isnan(value)) CHECK_THROWS_AS(metric(how), fovea::numeric_error);
    else CHECK_THAT(metric(how), WithinAbs(value, 1e-14));
  };
  check(average::macro, expected.macro);
  check(average::micro, expected.micro);
  check(average::weighted, expected.weighted);
}

/// Compares all metrics with scikit-learn's results. `tolerance` is that of log_loss, which scikit-learn computes in float for
/// floats.
template <class T, class W>
void check_all(class_scores<T> const& scores, std::vector<int> const& targets, W const& weights,
               sklearn::class_measures const& expected, double tolerance) {
  auto const m = class_confusion_matrix(scores, targets, weights);
  for (std::size_t i = 0; i != m.counts.size(); ++i)
    CHECK_THAT(static_cast<double>(m.counts[i]), WithinAbs(expected.confusion[i], 1e-14));
  check_averages([&](average how) { return fovea::precision(m, how); }, expected.precision);
  check_averages([&](average how) { return fovea::recall(m, how); }, expected.recall);
  check_averages([&](average how) { return fovea::f1(m, how); }, expected.f1);
  check_averages([&](average how) { return fovea::f_beta(m, 0.5, how); }, expected.f_half);
  CHECK_THAT(fovea::accuracy(m), WithinAbs(expected.accuracy, 1e-14));
  CHECK_THAT(fovea::balanced_accuracy(m), WithinAbs(expected.balanced_accuracy, 1e-14));
  CHECK_THAT(fovea::matthews_correlation(m), WithinAbs(expected.matthews_correlation, 1e-14));
  if (std::isnan(expected.cohen_kappa)) CHECK_THROWS_AS(fovea::cohen_kappa(m), fovea::numeric_error);
  else CHECK_THAT(fovea::cohen_kappa(m), WithinAbs(expected.cohen_kappa, 1e-14));
  CHECK_THAT(fovea::log_loss(scores, targets, weights), WithinAbs(expected.log_loss, tolerance));
  for (std::size_t k = 1; k <= expected.top_k.size(); ++k)
    CHECK_THAT(fovea::top_k_accuracy(scores, targets, k, weights), WithinAbs(expected.top_k[k - 1], 1e-14));
  check_averages([&](average how) { return fovea::roc_auc(scores, targets, how, weights); }, expected.roc_auc);
  CHECK_THAT(fovea::brier_score(scores, targets, weights), WithinAbs(expected.brier_score, tolerance));
  CHECK_THAT(fovea::expected_calibration_error(scores, targets, 10, weights),
             WithinAbs(expected.calibration_error_10, tolerance));
  for (std::size_t i = 0; i != 2; ++i) {
    auto const pairs = [&] {
      return fovea::roc_auc_of_pairs(scores, targets, i == 0 ? average::macro : average::weighted);
    };
    if (std::isnan(expected.roc_auc_of_pairs[i])) CHECK_THROWS_AS(pairs(), fovea::numeric_error);
    else CHECK_THAT(pairs(), WithinAbs(expected.roc_auc_of_pairs[i], 1e-14));
  }
}

template <class T>
void check_all(class_scores<T> const& scores, std::vector<int> const& targets, bool weighted,
               std::vector<double> const& weights, sklearn::class_measures const& expected, double tolerance) {
  if (weighted) check_all(scores, targets, sample_weights(weights), expected, tolerance);
  else check_all(scores, targets, fovea::equal_weights{}, expected, tolerance);
}

}  // namespace

TEST_CASE("the metrics of many classes match scikit-learn") {
  for (auto const& c : sklearn::class_cases) {
    CAPTURE(c.scores, c.targets, c.weights);
    check_all(class_scores(c.scores, c.classes), c.targets, !c.weights.empty(), c.weights, c.expected, 1e-14);
  }
  for (auto const& c : sklearn::drawn_class_cases) {
    CAPTURE(c.rows, c.classes, c.single, c.weighted);
    auto const rows = drawn(c);
    std::vector<float> const floats(rows.scores.begin(), rows.scores.end());
    if (c.single) check_all(class_scores(floats, c.classes), rows.targets, c.weighted, rows.weights, c.expected, 2e-6);
    else check_all(class_scores(rows.scores, c.classes), rows.targets, c.weighted, rows.weights, c.expected, 1e-14);
  }
}

TEST_CASE("the metrics of many classes accept any numbers in host memory") {
  std::vector<float> const scores{0.5f, 0.25f, 0.25f, 0.125f, 0.75f, 0.125f, 0.25f, 0.5f, 0.25f, 0, 0, 1};
  std::vector<int> const y{0, 1, 2, 2};
  fovea::host_tensor<float, 2> const tensor{{4, 3}, scores};
  fovea::host_tensor<std::int32_t, 2> const column{{4, 1}, {0, 1, 2, 2}};
  std::vector<float> const reals(y.begin(), y.end());
  std::vector<double> const halves{1, 0.5, 2, 1};
  fovea::host_tensor<double, 2> const column_of_halves{{4, 1}, halves};
  std::vector<int> const integers{2, 1, 4, 2};
  auto const check = [&](auto const& metric) {
    auto const flat = class_scores(scores, 3);
    CHECK(metric(tensor, column, fovea::equal_weights{}) == metric(flat, y, fovea::equal_weights{}));
    CHECK(metric(tensor, reals, sample_weights(column_of_halves)) == metric(flat, y, sample_weights(halves)));
  };
  check([](auto const& p, auto const& t, auto const& w) { return fovea::log_loss(p, t, w); });
  check([](auto const& p, auto const& t, auto const& w) { return fovea::brier_score(p, t, w); });
  check([](auto const& p, auto const& t, auto const& w) { return fovea::expected_calibration_error(p, t, 5, w); });
  check([](auto const& p, auto const& t, auto const& w) { return fovea::roc_auc(p, t, average::macro, w); });
  check([](auto const& p, auto const& t, auto const& w) { return fovea::top_k_accuracy(p, t, 1, w); });
  check([](auto const& p, auto const& t, auto const& w) { return class_confusion_matrix(p, t, w); });
  CHECK(class_confusion_matrix(column, reals, 3) == fovea::class_confusion{3, {1, 0, 0, 0, 1, 0, 0, 0, 2}});
  CHECK(class_confusion_matrix(y, column, 4, sample_weights(integers)).counts[10] == 6);
}

TEST_CASE("two classes have the metrics of a binary classifier") {
  std::vector const p{0.125, 0.5, 0.25, 0.75, 0.5}, w{1., 0.5, 2., 0.25, 3.};
  std::vector const y{0, 1, 1, 1, 0};
  std::vector<double> both;
  for (double const x : p) both.push_back(1 - x), both.push_back(x);
  class_scores const z(both, 2);
  auto const check = [&](auto const& weights) {
    CHECK(fovea::log_loss(z, y, weights) == fovea::log_loss(p, y, weights));
    auto const area = fovea::roc_auc(p, y, weights);
    for (auto const how : {average::macro, average::weighted})
      CHECK_THAT(fovea::roc_auc(z, y, how, weights), WithinAbs(area, 1e-15));
    auto const counts =
        fovea::confusion_matrix(p, y, 0.5000001, weights);  // of equal scores, the first class is predicted
    auto const m = class_confusion_matrix(z, y, weights);
    CHECK(fovea::one_against_rest(m)[1] == counts);
    CHECK(fovea::accuracy(m) == fovea::accuracy(counts));
    CHECK(fovea::balanced_accuracy(m) == fovea::balanced_accuracy(counts));
    CHECK(fovea::cohen_kappa(m) == fovea::cohen_kappa(counts));
    CHECK_THAT(fovea::matthews_correlation(m), WithinAbs(fovea::matthews_correlation(counts), 1e-15));
  };
  check(fovea::equal_weights{});
  check(sample_weights(w));
  CHECK(fovea::balanced_accuracy({2, 0, 1, 1}) == 0.75);
  CHECK(fovea::cohen_kappa({2, 0, 1, 1}) == 0.5);
}

TEST_CASE("top_k_accuracy ranks the later of equal scores higher, class_confusion_matrix predicts the first") {
  std::vector const equal{0.25, 0.5, 0.5, 0.125};
  class_scores const z(equal, 4);
  CHECK(fovea::top_k_accuracy(z, std::vector{2}, 1) == 1);
  CHECK(fovea::top_k_accuracy(z, std::vector{1}, 1) == 0);
  CHECK(fovea::top_k_accuracy(z, std::vector{1}) == 1);
  CHECK(fovea::top_k_accuracy(z, std::vector{3}, 3) == 0);
  CHECK(fovea::top_k_accuracy(z, std::vector{3}, 5) == 1);
  CHECK(fovea::accuracy(class_confusion_matrix(z, std::vector{1})) == 1);
}

TEST_CASE("the rates of no rows are 0, as those of binary counts") {
  auto const m = class_confusion_matrix(std::vector<int>{}, std::vector<int>{}, 3);
  CHECK(m.counts == std::vector<std::size_t>(9));
  for (auto const how : {average::macro, average::micro, average::weighted}) CHECK(fovea::f1(m, how) == 0);
  CHECK(fovea::accuracy(m) + fovea::balanced_accuracy(m) + fovea::matthews_correlation(m) == 0);
  CHECK_THROWS_WITH(fovea::cohen_kappa(m), "cohen_kappa: no rows");
  CHECK_THROWS_AS(fovea::f_beta(m, -1, average::macro), fovea::argument_error);
}

TEST_CASE("metrics of many classes reject invalid inputs") {
  std::vector const p{0.5, 0.25, 0.25, 0.125, 0.75, 0.125}, wide{0.5, 0.25, 0.25, 0.5, 0.25, 0.5};
  class_scores const z(p, 3);
  std::vector const y{0, 2};
  auto const check = [&](auto const& metric, std::string const& name) {
    CHECK_THROWS_WITH(metric(z, std::vector{0, 3}), name + ": target 1 is 3, must be a class from 0 to 2");
    CHECK_THROWS_WITH(metric(z, std::vector{-1, 2}), name + ": target 0 is -1, must be a class from 0 to 2");
    CHECK_THROWS_WITH(metric(z, std::vector{0., 0.5}), name + ": target 1 is 0.5, must be a class from 0 to 2");
    CHECK_THROWS_WITH(metric(z, std::vector{not_a_number, 2.}),
                      name + ": target 0 is nan, must be a class from 0 to 2");
    CHECK_THROWS_AS(metric(z, std::vector{1e300, 2.}), fovea::argument_error);
    CHECK_THROWS_WITH(metric(z, std::vector{0, 1, 2}), name + ": scores of 2 rows, but 3 targets");
    CHECK_THROWS_AS(metric(z, std::vector{0, 1, 2}), fovea::shape_error);
    std::vector const unknown{0.5, 0.25, 0.25, 0.125, not_a_number, 0.125};
    CHECK_THROWS_WITH(metric(class_scores(unknown, 3), y), name + ": the score of class 1 in row 1 is nan");
    CHECK_THROWS_AS(metric(class_scores(unknown, 3), y), fovea::numeric_error);
  };
  auto const matrix = [](auto const& s, auto const& t) { return class_confusion_matrix(s, t); };
  auto const loss = [](auto const& s, auto const& t) { return fovea::log_loss(s, t); };
  auto const top = [](auto const& s, auto const& t) { return fovea::top_k_accuracy(s, t); };
  auto const area = [](auto const& s, auto const& t) { return fovea::roc_auc(s, t, average::macro); };
  check(matrix, "class_confusion_matrix");
  check(loss, "log_loss");
  check(top, "top_k_accuracy");
  check(area, "roc_auc");

  std::vector<double> const no_scores;
  class_scores const none(no_scores, 3);
  CHECK_THROWS_WITH(loss(none, std::vector<int>{}), "log_loss: no rows");
  CHECK_THROWS_WITH(top(none, std::vector<int>{}), "top_k_accuracy: no rows");
  CHECK_THROWS_WITH(area(none, std::vector<int>{}), "roc_auc: no rows");
  CHECK_THROWS_WITH(fovea::top_k_accuracy(z, y, 0), "top_k_accuracy: k is 0, must be at least 1");
  CHECK_THROWS_WITH(class_scores(p, 4), "class_scores: 6 scores are not rows of 4");
  CHECK_THROWS_WITH(class_scores(p, 1), "class_scores: classes is 1, must be at least 2");
  CHECK_THROWS_WITH(area(fovea::host_tensor<double, 2>{{6, 1}, p}, y),
                    "roc_auc: scores have shape (6, 1), expected (rows, classes) with two or more classes");

  CHECK_THROWS_WITH(loss(class_scores(wide, 3), y), "log_loss: the probabilities of row 1 sum to 1.25, must sum to 1");
  CHECK_THROWS_WITH(loss(class_scores(std::vector{0.5, 0.25, 0.25, 1.5, -0.5, 0.}, 3), y),
                    "log_loss: the probability of class 0 in row 1 is 1.5, must be in [0, 1]");
  CHECK_THROWS_AS(loss(class_scores(std::vector{2, 1, -2, 0}, 2), y), fovea::argument_error);
}

TEST_CASE("roc_auc of one class against the rest names a class without rows, or with all") {
  std::vector const p{0.5, 0.25, 0.25, 0.125, 0.75, 0.125}, w{1., 0.};
  class_scores const z(p, 3);
  CHECK_THROWS_WITH(fovea::roc_auc(z, std::vector{0, 1}, average::macro), "roc_auc: no target is of class 2");
  CHECK_THROWS_WITH(fovea::roc_auc(z, std::vector{1, 2}, average::macro), "roc_auc: no target is of class 0");
  for (auto const how : {average::macro, average::weighted})
    CHECK_THROWS_WITH(fovea::roc_auc(z, std::vector{1, 1}, how), "roc_auc: all targets are of class 1");
  CHECK_THROWS_WITH(fovea::roc_auc(z, std::vector{0, 1}, average::weighted, sample_weights(w)),
                    "roc_auc: all targets are of class 0");
  CHECK_THROWS_AS(fovea::roc_auc(z, std::vector{0, 1}, average::macro), fovea::numeric_error);
  CHECK(fovea::roc_auc(z, std::vector{0, 1}, average::weighted) == 1);
  CHECK(fovea::roc_auc(z, std::vector{0, 1}, average::micro) == 1);
}

TEST_CASE("class_confusion_matrix rejects predictions that are no classes") {
  std::vector const y{0, 2};
  CHECK_THROWS_WITH(class_confusion_matrix(std::vector{0, 3}, y, 3),
                    "class_confusion_matrix: prediction 1 is 3, must be a class from 0 to 2");
  CHECK_THROWS_WITH(class_confusion_matrix(y, std::vector{0, 3}, 3),
                    "class_confusion_matrix: target 1 is 3, must be a class from 0 to 2");
  CHECK_THROWS_WITH(class_confusion_matrix(std::vector{1}, y, 3),
                    "class_confusion_matrix: 1 predictions, but 2 targets");
  CHECK_THROWS_WITH(class_confusion_matrix(y, y, 0), "class_confusion_matrix: classes must be in [1, 1000000], got 0");
  CHECK_THROWS_AS(class_confusion_matrix(y, y, std::size_t{1} << 32), fovea::argument_error);  // its square is 0
  CHECK_THROWS_WITH(class_confusion_matrix(y, y, 3, sample_weights(std::vector{1.})),
                    "class_confusion_matrix: 1 sample weights, but 2 targets");
}
