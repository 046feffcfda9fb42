// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/metrics/mean_absolute_error.hpp>
#include <fovea/metrics/mean_absolute_percentage_error.hpp>
#include <fovea/metrics/mean_squared_deviation.hpp>
#include <fovea/metrics/r2_score.hpp>
#include <fovea/metrics/root_mean_squared_error.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn_data.hpp"

namespace {

using numbers = std::vector<double>;
using expected = sklearn_data::regression;

/// Calls check(name, metric, member of the fixture) for every metric.
template <class Check> void for_each_metric(Check const& check) {
  check(
      "mean_squared_deviation", [](auto const&... a) { return fovea::mean_squared_deviation(a...); },
      &expected::mean_squared);
  check(
      "root_mean_squared_error", [](auto const&... a) { return fovea::root_mean_squared_error(a...); },
      &expected::root_mean_squared);
  check(
      "mean_absolute_error", [](auto const&... a) { return fovea::mean_absolute_error(a...); },
      &expected::mean_absolute);
  check(
      "mean_absolute_percentage_error", [](auto const&... a) { return fovea::mean_absolute_percentage_error(a...); },
      &expected::mean_absolute_percentage);
  check(
      "r2_score", [](auto const&... a) { return fovea::r2_score(a...); }, &expected::r2);
}

auto near(double value) { return Catch::Matchers::WithinAbs(value, 1e-13 * std::abs(value)); }

}  // namespace

TEST_CASE("regression metrics match scikit-learn, also with sample weights", "[regression_sklearn]") {
  for (auto const& row : sklearn_data::regressions)
    for_each_metric([&](char const* name, auto const& metric, double expected::*value) {
      CAPTURE(name, row.predictions, row.targets, row.weights);
      if (std::isnan(row.*value)) return;
      if (row.weights.empty()) CHECK_THAT(metric(row.predictions, row.targets), near(row.*value));
      else CHECK_THAT(metric(row.predictions, row.targets, fovea::sample_weights(row.weights)), near(row.*value));
    });
}

TEST_CASE("regression metrics of several columns match scikit-learn", "[regression_columns]") {
  for (auto const& row : sklearn_data::all_regression_columns) {
    CAPTURE(row.columns, row.predictions, row.targets, row.weights);
    std::size_t number = 0;
    auto const weighted = [&](auto const& metric, auto const&... arguments) {
      return row.weights.empty() ? metric(arguments...) : metric(arguments..., fovea::sample_weights(row.weights));
    };
    for_each_metric([&](char const* name, auto const& metric, auto) {
      CAPTURE(name);
      fovea::output_columns const p(row.predictions, row.columns);
      fovea::host_tensor<double, 2> const y{{row.targets.size() / row.columns, row.columns}, row.targets};
      CHECK_THAT(weighted(metric, p, y), near(row.means[number]));
      auto const each = weighted(metric, p, y, fovea::raw_values{});
      REQUIRE(each.size() == row.columns);
      for (std::size_t c = 0; c != row.columns; ++c) CHECK_THAT(each[c], near(row.of_columns[number][c]));
      ++number;
    });
  }
  numbers const six{1, 2, 3, 4, 5, 6};
  CHECK_THROWS_WITH(fovea::r2_score(fovea::output_columns(six, 2), fovea::output_columns(six, 3)),
                    "r2_score: 2 columns of predictions, but 3 of targets");
  CHECK_THROWS_WITH(fovea::output_columns(six, 4), "output_columns: 6 numbers are not rows of 4");
}

TEST_CASE("r2_score is 1 or 0 for constant targets, as scikit-learn's", "[regression_constant]") {
  numbers const tenths(10, 0.1), weights{1, 0, 2};
  auto nearly = tenths;
  nearly[3] = 0.2;
  CHECK(fovea::r2_score(tenths, tenths) == 1);
  CHECK(fovea::r2_score(nearly, tenths) == 0);
  CHECK(fovea::r2_score(numbers{1, 2, 3}, numbers{0.1, 5, 0.1}, fovea::sample_weights(weights)) == 0);
  CHECK(fovea::r2_score(numbers{1, 2}, numbers{0, 1e-200}) == 0);  // a variance that underflows
}

TEST_CASE("r2_score is exact to rounding for targets of a large mean", "[regression_large_mean]") {
  numbers targets, predictions;
  for (int i = 0; i != 1001; ++i) {
    targets.push_back(1e12 + i % 7);
    predictions.push_back(1e12 + i % 5);
  }
  long double mean = 0, variance = 0, error = 0;
  for (std::size_t i = 0; i != targets.size(); ++i) mean += (targets[i] - 1e12L) / 1001;
  for (std::size_t i = 0; i != targets.size(); ++i) {
    variance += (targets[i] - 1e12L - mean) * (targets[i] - 1e12L - mean);
    error += (static_cast<long double>(predictions[i]) - targets[i]) * (predictions[i] - targets[i]);
  }
  CHECK_THAT(fovea::r2_score(predictions, targets), near(static_cast<double>(1 - error / variance)));
}

TEST_CASE("regression metrics accept tensors, floats and integers", "[regression_types]") {
  fovea::host_tensor<float, 2> const predictions{{4, 1}, {2.5f, 0, 2, 8}};
  std::vector<int> const targets{3, -1, 2, 7};
  CHECK(fovea::mean_absolute_error(predictions, targets) == 0.625);
  CHECK(fovea::mean_squared_deviation(predictions, targets) == 0.5625);
  CHECK(fovea::root_mean_squared_error(predictions, targets) == 0.75);
  CHECK(fovea::mean_squared_deviation(targets, targets) == 0);
  CHECK(fovea::r2_score(targets, targets) == 1);
  CHECK_THROWS_AS(fovea::mean_absolute_error(fovea::host_tensor<float, 2>{{2, 2}, {1, 2, 3, 4}}, targets),
                  fovea::shape_error);
}

TEST_CASE("regression metrics reject invalid arguments", "[regression_errors]") {
  auto const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for_each_metric([&](std::string const& name, auto const& metric, auto) {
    numbers const two{1, 2}, three{1, 2, 3}, none, bad{1, nan}, large{-infinity, 2}, negative{1, -1};
    CHECK_THROWS_WITH(metric(two, three), name + ": 2 predictions, but 3 targets");
    CHECK_THROWS_WITH(metric(none, none), name + ": no rows");
    CHECK_THROWS_WITH(metric(bad, two), name + ": prediction 1 is nan, must be finite");
    CHECK_THROWS_WITH(metric(two, large), name + ": target 0 is -inf, must be finite");
    CHECK_THROWS_WITH(metric(two, two, fovea::sample_weights(three)), name + ": 3 sample weights, but 2 targets");
    CHECK_THROWS_AS(metric(two, two, fovea::sample_weights(negative)), fovea::argument_error);
  });
  CHECK_THROWS_WITH(fovea::r2_score(numbers{1}, numbers{2}), "r2_score: needs two rows, got one");
}
