// SPDX-License-Identifier: MIT
// Splits by group and by time, and weighted samples of rows.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/dataset_split.hpp>
#include <fovea/data/weighted_sample.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn_data.hpp"
#include "rows.hpp"

namespace {

void check_splits(std::vector<fovea::row_split> const& found, std::vector<sklearn_data::rows> const& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i != found.size(); ++i) {
    CHECK(found[i].train == expected[i].train);
    CHECK(found[i].test == expected[i].test);
  }
}

}  // namespace

TEST_CASE("group_k_fold returns scikit-learn's rows", "[group_k_fold]") {
  for (auto const& expected : sklearn_data::all_group_folds) {
    CAPTURE(expected.groups, expected.folds);
    check_splits(fovea::group_k_fold(expected.groups, {.folds = expected.folds}), expected.splits);
  }
}

TEST_CASE("time_series_split returns scikit-learn's rows", "[time_series_split]") {
  for (auto const& e : sklearn_data::all_time_series) {
    CAPTURE(e.n, e.folds, e.test_size, e.gap, e.max_train_size);
    check_splits(
        fovea::time_series_split(
            e.n, {.folds = e.folds, .test_rows = e.test_size, .gap = e.gap, .max_train_rows = e.max_train_size}),
        e.splits);
  }
}

TEST_CASE("groups and times split a data set", "[splitters_dataset]") {
  fovea::host_backend<float> const b;
  std::vector<float> const x{0, 1, 2, 3, 4, 5, 6};
  fovea::dataset const all{b, x, x};
  std::vector const groups{0, 0, 1, 1, 2, 2, 3};
  auto const rows = fovea::group_k_fold(groups, {.folds = 2});
  auto const folds = fovea::group_k_fold(all, groups, {.folds = 2});
  for (std::size_t i = 0; i != 2; ++i)
    CHECK(folds[i].test.targets.elements == std::vector<float>(rows[i].test.begin(), rows[i].test.end()));
  auto const times = fovea::time_series_split(all, {.folds = 2, .gap = 1});
  CHECK(times[1].train.features.elements == std::vector<float>{0, 1, 2, 3});
  CHECK(times[1].test.features.elements == std::vector<float>{5, 6});
  CHECK_THROWS_WITH(fovea::group_k_fold(all, std::vector{1, 2}), "group_k_fold: 7 rows, but 2 groups");
}

TEST_CASE("weighted_sample draws rows in proportion to their weights", "[weighted_sample]") {
  std::vector const weights{0., 1., 2.5, 0., 0.5, 4., 0.};
  constexpr std::size_t draws = 100'000;
  auto const rows = fovea::weighted_sample(weights, {.rows = draws, .seed = 3, .epoch = 1});
  REQUIRE(rows.size() == draws);
  std::vector<double> counts(weights.size());
  for (auto const row : rows) ++counts.at(row);
  for (std::size_t i = 0; i != weights.size(); ++i) {
    auto const p = weights[i] / 8, deviation = std::sqrt(draws * p * (1 - p));
    CHECK_THAT(counts[i], Catch::Matchers::WithinAbs(draws * p, 5 * deviation));  // exactly 0 for the weight 0
  }
}

TEST_CASE("weighted_sample is a function of seed, epoch and number", "[weighted_sample_bits]") {
  std::vector const weights{1.f, 2.f, 3.f, 4.f, 5.f};
  fovea::sample_options const options{.rows = 200, .seed = 9, .epoch = 4};
  auto const rows = fovea::weighted_sample(weights, options);
  CHECK(fovea::weighted_sample(weights, options) == rows);
  auto const fewer = fovea::weighted_sample(weights, {.rows = 77, .seed = 9, .epoch = 4});
  CHECK(std::equal(fewer.begin(), fewer.end(), rows.begin()));
  CHECK(fovea::weighted_sample(weights, {.rows = 200, .seed = 9, .epoch = 5}) != rows);
  CHECK(fovea::weighted_sample(weights, {.rows = 200, .seed = 10, .epoch = 4}) != rows);
  CHECK(fovea::weighted_sample(weights).size() == 5);
}

TEST_CASE("balanced_sample draws each class, and each row of a class, with the same probability", "[balanced_sample]") {
  std::vector<int> classes(97, 0);
  classes[13] = 7;
  classes[40] = 7;
  classes[41] = -1;
  constexpr std::size_t draws = 60'000;
  std::vector<double> counts(classes.size());
  for (auto const row : fovea::balanced_sample(classes, {.rows = draws, .seed = 1})) ++counts.at(row);
  for (std::size_t i = 0; i != classes.size(); ++i) {
    auto const p = 1. / 3 / (classes[i] == 0 ? 94 : classes[i] == 7 ? 2 : 1);
    CHECK_THAT(counts[i], Catch::Matchers::WithinAbs(draws * p, 5 * std::sqrt(draws * p)));
  }
}

TEST_CASE("splitters and samplers reject invalid arguments", "[splitters_errors]") {
  auto const no_number = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(fovea::group_k_fold(std::vector{1, 1, 2}, {.folds = 3}),
                    "group_k_fold: 2 groups for 3 folds; each needs at least one");
  CHECK_THROWS_WITH(fovea::group_k_fold(std::vector{1, 2}, {.folds = 1}),
                    "group_k_fold_options: folds is 1, must be at least 2");
  CHECK_THROWS_WITH(fovea::group_k_fold(std::vector{1., no_number}, {.folds = 2}),
                    "group_k_fold: the class of row 1 is nan, must be finite");
  CHECK_THROWS_WITH(fovea::time_series_split(5),
                    "time_series_split: 5 rows for 5 folds of 0 test rows and a gap of 0; the first needs a test and a "
                    "training row");
  CHECK_THROWS_AS(fovea::time_series_split(10, {.folds = 3, .test_rows = 3, .gap = 1}), fovea::argument_error);
  CHECK(fovea::time_series_split(11, {.folds = 3, .test_rows = 3, .gap = 1})[0].train == row_numbers{0});
  CHECK_THROWS_AS(fovea::time_series_split(3, {.folds = 2, .test_rows = 1, .gap = 5}), fovea::argument_error);
  CHECK_THROWS_AS(fovea::time_series_split(3, {.folds = 0}), fovea::argument_error);
  CHECK_THROWS_WITH(fovea::weighted_sample(std::vector{1., -2.}),
                    "weighted_sample: weight 1 is -2, must not be negative");
  CHECK_THROWS_WITH(fovea::weighted_sample(std::vector{no_number}), "weighted_sample: weight 0 is nan, must be finite");
  CHECK_THROWS_WITH(fovea::weighted_sample(std::vector{0, 0}), "weighted_sample: all weights are 0");
  CHECK_THROWS_WITH(fovea::weighted_sample(std::vector<double>{}), "weighted_sample: no rows");
  CHECK_THROWS_WITH(fovea::balanced_sample(std::vector<int>{}), "balanced_sample: no rows");
  CHECK_THROWS_AS(fovea::balanced_sample(std::vector{1., no_number}), fovea::numeric_error);
}
