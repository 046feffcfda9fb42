// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/min_max_scaler.hpp>
#include <fovea/data/robust_scaler.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn_data.hpp"

using fovea::min_max_scaler;
using fovea::robust_scaler;
using fovea::table;
using column = std::vector<double>;
using matrix = fovea::host_tensor<float, 2>;

namespace {

/// Checks each number to 1e-14 of the largest, plus what rounding of the values costs relative to their spread.
void check_near(column const& found, column const& expected, double tolerance) {
  REQUIRE(found.size() == expected.size());
  double largest = 1;
  for (auto const x : expected) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i != found.size(); ++i)
    CHECK_THAT(found[i], Catch::Matchers::WithinAbs(expected[i], tolerance * largest));
}
/// What rounding costs scikit-learn, which adds the scaled offset: the largest value in units of the spread.
double tolerance_of(column const& values, double spread) {
  double largest = 0;
  for (auto const x : values) largest = std::max(largest, std::abs(x));
  return 1e-15 * (10 + largest / spread);
}
double spread_of(column const& values) {
  auto const [least, greatest] = std::ranges::minmax(values);
  return greatest == least ? 1 : greatest - least;
}

/// Checks that `invert` restores what `apply` changed, to rounding.
template <class Scaler>
void check_scaler(Scaler const& s, column const& values, column const& expected, double spread) {
  table rows{{"other", "x"}, {values, values}};
  s.apply(rows);
  CHECK(rows.columns[0] == values);
  check_near(rows.columns[1], expected, tolerance_of(values, spread));
  s.invert(rows);
  check_near(rows.columns[1], values, 1e-14);
}

}  // namespace

TEST_CASE("min_max_scaler matches scikit-learn's MinMaxScaler, also for constant columns", "[min_max_sklearn]") {
  for (auto const& expected : sklearn_data::scaled_columns) {
    CAPTURE(expected.values);
    table const rows{{"x"}, {expected.values}};
    auto const spread = spread_of(expected.values);
    check_scaler(min_max_scaler::fit(rows, {"x"}), expected.values, expected.min_max, spread);
    check_scaler(min_max_scaler::fit(rows, {"x"}, {.lower = -1, .upper = 3}), expected.values,
                 expected.min_max_from_minus_1_to_3, spread);
  }
}

TEST_CASE("robust_scaler matches scikit-learn's RobustScaler, also where the quartiles are equal", "[robust_sklearn]") {
  for (auto const& expected : sklearn_data::scaled_columns) {
    CAPTURE(expected.values);
    table const rows{{"x"}, {expected.values}};
    auto const s = robust_scaler::fit(rows, {"x"});
    auto const tolerance = tolerance_of(expected.values, expected.scale);
    CHECK_THAT(s.median[0] / expected.scale, Catch::Matchers::WithinAbs(expected.center / expected.scale, tolerance));
    CHECK_THAT(s.scale[0] / expected.scale, Catch::Matchers::WithinAbs(1, tolerance));
    check_scaler(s, expected.values, expected.robust, expected.scale);
    check_scaler(robust_scaler::fit(rows, {"x"}, {.lower = 10, .upper = 80}), expected.values, expected.robust_10_80,
                 expected.scale_10_80);
  }
}

TEST_CASE("min_max_scaler maps the extremes exactly for a large offset", "[min_max_exact]") {
  table rows{{"x"}, {{1e15, 1e15 + 1, 1e15 + 4}}};
  auto const s = min_max_scaler::fit(rows, {"x"});
  s.apply(rows);
  CHECK(rows.columns[0] == column{0, 0.25, 1});
  CHECK(s.minimum == column{1e15});
  CHECK(s.maximum == column{1e15 + 4});
}

TEST_CASE("scalers fitted on one part scale another, and can be built from stored members", "[scalers_parts]") {
  table test{{"x"}, {{3, 12}}};
  min_max_scaler const stored{.names = {"x"}, .minimum = {2}, .maximum = {6}, .range = {-1, 1}};
  stored.apply(test);
  CHECK(test.columns[0] == column{-0.5, 4});
  robust_scaler const robust{.names = {"x"}, .median = {1}, .scale = {2}};
  robust.apply(test);
  CHECK(test.columns[0] == column{-0.75, 1.5});
}

TEST_CASE("scalers accept the columns of a tensor", "[scalers_tensors]") {
  matrix x{{3, 2}, {1, 5, 2, 5, 5, 5}};
  auto const original = x;
  auto const s = min_max_scaler::fit(x);
  CHECK(s.names.empty());
  s.apply(x);
  CHECK(x.elements == std::vector<float>{0, 0, 0.25f, 0, 1, 0});
  s.invert(x);
  CHECK(x.elements == original.elements);
  auto const robust = robust_scaler::fit(x);
  CHECK(robust.median == column{2, 5});
  CHECK(robust.scale == column{2, 1});
  matrix y{{1, 3}, {1, 2, 3}};
  CHECK_THROWS_WITH(robust.apply(y), "robust_scaler: the tensor has shape (1, 3), expected (rows, 2)");
}

TEST_CASE("scalers reject invalid arguments", "[scalers_errors]") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  table rows{{"a", "b"}, {{1, 2}, {3, nan}}};
  CHECK_THROWS_WITH(min_max_scaler::fit(rows, {"a", "b"}),
                    "min_max_scaler: column \"b\", row 1: nan is not a finite number");
  CHECK_THROWS_WITH(robust_scaler::fit(rows, {"b"}), "robust_scaler: column \"b\", row 1: nan is not a finite number");
  CHECK_THROWS_WITH(robust_scaler::fit(table{{"a"}, {{}}}, {"a"}), "robust_scaler: column \"a\" has no rows");
  CHECK_THROWS_WITH(min_max_scaler::fit(rows, {"x"}), "table: no column \"x\"; there are: a, b");
  CHECK_THROWS_WITH(min_max_scaler::fit(table{{"a"}, {{1.7e308, -1.7e308}}}, {"a"}),
                    "min_max_scaler: the numbers of column \"a\" are too large to be subtracted");
  CHECK_THROWS_AS(robust_scaler::fit(table{{"a"}, {{1.7e308, -1.7e308}}}, {"a"}), fovea::numeric_error);
  CHECK_THROWS_WITH(min_max_scaler::fit(rows, {"a"}, {.lower = 1, .upper = 1}),
                    "feature_range: [1, 1], must be finite and increasing");
  CHECK_THROWS_WITH(robust_scaler::fit(rows, {"a"}, {.lower = 25, .upper = 101}),
                    "quantile_range: [25, 101], must be increasing percentages in [0, 100]");
  CHECK_THROWS_AS(robust_scaler::fit(rows, {"a"}, {.lower = nan}), fovea::argument_error);
  auto const s = min_max_scaler::fit(rows, {"a"});
  table other{{"c"}, {{1}}};
  CHECK_THROWS_AS(s.apply(other), fovea::argument_error);
}
