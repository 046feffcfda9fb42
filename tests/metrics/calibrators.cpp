// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/metrics/isotonic_regression.hpp>
#include <fovea/metrics/platt_scaling.hpp>
#include <fovea/metrics/temperature_scaling.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn_data.hpp"

using Catch::Matchers::WithinAbs;
using fovea::isotonic_regression;
using fovea::platt_scaling;
using fovea::temperature_scaling;
using numbers = std::vector<double>;

namespace {

/// Calls f with the sample weights of a fixture, or without if it has none.
template <class Row, class F> auto weighted(Row const& row, F const& f) {
  return row.weights.empty() ? f(fovea::equal_weights{}) : f(fovea::sample_weights(row.weights));
}

}  // namespace

TEST_CASE("platt_scaling finds the minimum that scikit-learn approximates", "[platt_sklearn]") {
  for (auto const& row : sklearn_data::calibrations) {
    CAPTURE(row.scores, row.targets);
    auto const found = weighted(row, [&](auto const& w) { return platt_scaling::fit(row.scores, row.targets, w); });
    CHECK_THAT(found.slope, WithinAbs(row.slope, 1e-9 * std::abs(row.slope)));
    CHECK_THAT(found.intercept, WithinAbs(row.intercept, 1e-9 * (1 + std::abs(row.intercept))));
    auto const probabilities = found.apply(row.points);
    for (std::size_t i = 0; i != row.points.size(); ++i)
      CHECK_THAT(probabilities[i], WithinAbs(row.sigmoid[i], 1e-5));  // scikit-learn stops at a gradient of 1e-6
  }
}

TEST_CASE("platt_scaling gives scores without information the smoothed share of positives", "[platt_constant]") {
  auto const found = platt_scaling::fit(numbers{3, 3, 3}, std::vector{0, 1, 1});
  CHECK(found.slope == 0);
  CHECK_THAT(found(3), WithinAbs((2 * 3. / 4 + 1. / 3) / 3, 1e-15));
}

TEST_CASE("isotonic_regression matches scikit-learn's IsotonicRegression", "[isotonic_sklearn]") {
  for (auto const& row : sklearn_data::calibrations) {
    CAPTURE(row.scores, row.targets);
    auto const found =
        weighted(row, [&](auto const& w) { return isotonic_regression::fit(row.scores, row.targets, w); });
    auto const probabilities = found.apply(row.points);
    for (std::size_t i = 0; i != row.points.size(); ++i)
      CHECK_THAT(probabilities[i], WithinAbs(row.isotonic[i], 1e-13));
  }
  for (auto const& row : sklearn_data::isotonics) {
    CAPTURE(row.x, row.y, row.increasing);
    auto const found =
        isotonic_regression::fit(row.x, row.y, {.increasing = row.increasing}, fovea::sample_weights(row.weights));
    CHECK(std::ranges::is_sorted(found.x));
    auto const predictions = found.apply(row.points);
    double largest = 1;
    for (auto const y : row.y) largest = std::max(largest, std::abs(y));
    for (std::size_t i = 0; i != row.points.size(); ++i)
      CHECK_THAT(predictions[i], WithinAbs(row.predictions[i], 1e-13 * largest));
  }
}

TEST_CASE("isotonic_regression pools neighbors out of order, and is constant beyond its points", "[isotonic_pools]") {
  auto const found = isotonic_regression::fit(numbers{1, 2, 3, 4, 5}, numbers{0, 3, 1, 2, 7});
  CHECK(found.x == numbers{1, 2, 4, 5});
  CHECK(found.y == numbers{0, 2, 2, 7});
  CHECK(found(-10) == 0);
  CHECK(found(1.5) == 1);
  CHECK(found(4.5) == 4.5);
  CHECK(found(10) == 7);
  CHECK(std::isnan(found(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("temperature_scaling finds the minimum that scikit-learn approximates", "[temperature_sklearn]") {
  for (auto const& row : sklearn_data::temperatures) {
    CAPTURE(row.classes, row.targets.size());
    fovea::class_scores const logits(row.logits, row.classes);
    auto const found = weighted(row, [&](auto const& w) { return temperature_scaling::fit(logits, row.targets, w); });
    CHECK_THAT(found.temperature, WithinAbs(row.value, 1e-11 * row.value));
    CHECK_THAT(found.temperature, WithinAbs(row.sklearn_value, 1e-6 * row.value));
    auto const probabilities = found.apply(logits);
    CHECK(probabilities.size() == row.logits.size());
    for (std::size_t i = 0; i != row.probabilities.size(); ++i)
      CHECK_THAT(probabilities[i], WithinAbs(row.probabilities[i], 1e-10));
    fovea::host_tensor<double, 2> const tensor{{row.targets.size(), row.classes}, row.logits};
    CHECK(found.apply(tensor) == probabilities);

    if (row.classes == 2) {  // one logit is the difference of two
      numbers differences;
      for (std::size_t i = 0; i != row.targets.size(); ++i)
        differences.push_back(row.logits[2 * i + 1] - row.logits[2 * i]);
      auto const of_one =
          weighted(row, [&](auto const& w) { return temperature_scaling::fit(differences, row.targets, w); });
      CHECK_THAT(of_one.temperature, WithinAbs(row.value, 1e-11 * row.value));
      auto const positive = of_one.apply(differences);
      for (std::size_t i = 0; i != positive.size(); ++i)
        CHECK_THAT(positive[i], WithinAbs(probabilities[2 * i + 1], 1e-10));
    }
  }
}

TEST_CASE("calibrators reject invalid arguments", "[calibrators_errors]") {
  auto const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  std::vector const classes{0, 1};
  numbers const two{1, 2}, three{1, 2, 3}, none, bad{nan, 1}, large{1, infinity}, only_first{1, 0};
  CHECK_THROWS_WITH(platt_scaling::fit(three, classes), "platt_scaling: 3 probabilities, but 2 targets");
  CHECK_THROWS_WITH(platt_scaling::fit(none, none), "platt_scaling: no rows");
  CHECK_THROWS_WITH(platt_scaling::fit(large, classes), "platt_scaling: score 1 is inf, must be finite");
  CHECK_THROWS_WITH(platt_scaling::fit(two, std::vector{1, 1}), "platt_scaling: no target is 0");
  CHECK_THROWS_WITH(platt_scaling::fit(two, classes, fovea::sample_weights(only_first)),
                    "platt_scaling: no target is 1");
  CHECK_THROWS_AS(platt_scaling::fit(numbers{1e200, -1e200}, classes), fovea::numeric_error);
  CHECK_THROWS_WITH(isotonic_regression::fit(bad, two), "isotonic_regression: prediction 0 is nan, must be finite");
  CHECK_THROWS_WITH(isotonic_regression::fit(none, none), "isotonic_regression: no rows");
  CHECK_THROWS_WITH(isotonic_regression::fit(two, two, fovea::sample_weights(three)),
                    "isotonic_regression: 3 sample weights, but 2 targets");
  CHECK_THROWS_WITH(temperature_scaling::fit(numbers{-1, 1}, classes),
                    "temperature_scaling: every target has the largest logit, so that the temperature tends to 0");
  CHECK_THROWS_WITH(temperature_scaling::fit(numbers{2, 1}, classes),
                    "temperature_scaling: the logits are no better than chance, so that the temperature tends to "
                    "infinity");
  CHECK_THROWS_WITH(temperature_scaling::fit(large, classes),
                    "temperature_scaling: the logits of row 1 or their differences are infinite");
  CHECK_THROWS_WITH(temperature_scaling::fit(none, none), "temperature_scaling: no rows");
  CHECK_THROWS_AS(temperature_scaling::fit(fovea::class_scores(numbers{1, 2, 3, 4}, 2), std::vector{0, 2}),
                  fovea::argument_error);
}
