// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/standardizer.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"

using fovea::standardizer;
using fovea::table;
using matrix = fovea::host_tensor<float, 2>;
using column = std::vector<double>;

namespace {

auto near(double value, double relative) {
  return Catch::Matchers::WithinAbs(value, relative * std::max(1., std::abs(value)));
}

}  // namespace

TEST_CASE("standardizer matches scikit-learn's StandardScaler, also for constant and nearly constant columns") {
  for (auto const& expected : sklearn::columns) {
    CAPTURE(expected.values);
    table rows{{"x"}, {expected.values}};
    auto const s = standardizer::fit(rows, {"x"});
    CHECK_THAT(s.mean[0] / expected.scale, near(expected.mean / expected.scale, 1e-15));
    CHECK_THAT(s.scale[0] / expected.scale, near(1, 1e-14));
    s.apply(rows);
    auto const tolerance = 1e-14 + std::abs(expected.mean / expected.scale) * 1e-15;
    for (std::size_t i = 0; i < expected.values.size(); ++i)
      CHECK_THAT(rows.columns[0][i], near(expected.standardized[i], tolerance));
  }
}

TEST_CASE("standardizer is exact for a large mean and a small spread") {
  table rows{{"x"}, {column(100'000)}};
  for (std::size_t i = 0; i < rows.rows(); ++i) rows.columns[0][i] = 1e9 + static_cast<double>(i % 3);
  rows.columns[0].pop_back();  // equal numbers of 0, 1 and 2
  auto const s = standardizer::fit(rows, {"x"});
  CHECK(s.mean[0] == 1e9 + 1);
  CHECK_THAT(s.scale[0], Catch::Matchers::WithinAbs(std::sqrt(2 / 3.), 1e-15));
}

TEST_CASE("a standardizer fitted on the training part transforms other tables, and its inverse restores them") {
  table const train{{"a", "b", "c"}, {{1, 2, 3}, {5, 5, 5}, {10, 20, 60}}};
  table const test{{"c", "a", "other"}, {{30, 0}, {2, 4}, {7, 8}}};
  auto const s = standardizer::fit(train, {"c", "a"});
  CHECK(s.names == std::vector<std::string>{"c", "a"});
  CHECK(s.mean == column{30, 2});
  auto scaled = test;
  s.apply(scaled);
  CHECK(scaled.names == test.names);
  CHECK(scaled.columns[2] == test.columns[2]);
  CHECK(scaled.columns[0][0] == 0);
  CHECK(scaled.columns[1][0] == 0);
  CHECK_THAT(scaled.columns[1][1], Catch::Matchers::WithinAbs(2 / std::sqrt(2 / 3.), 1e-15));
  s.invert(scaled);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t r = 0; r < 2; ++r) CHECK_THAT(scaled.columns[c][r], near(test.columns[c][r], 1e-14));
  auto constant = train;
  standardizer::fit(train, {"b"}).apply(constant);
  CHECK(constant.columns[1] == column{0, 0, 0});
}

TEST_CASE("a standardizer can be built from stored means and scales") {
  standardizer const s{.names = {"x"}, .mean = {1}, .scale = {4}};
  table rows{{"x"}, {{1, 3, -3}}};
  s.apply(rows);
  CHECK(rows.columns[0] == column{0, 0.5, -1});
}

TEST_CASE("standardizer accepts the columns of a tensor") {
  matrix x{{3, 2}, {1, 5, 2, 5, 3, 5}};
  auto const original = x;
  auto const s = standardizer::fit(x);
  CHECK(s.names.empty());
  CHECK(s.mean == column{2, 5});
  CHECK(s.scale == column{std::sqrt(2 / 3.), 1});
  s.apply(x);
  auto const one = static_cast<float>(1 / std::sqrt(2 / 3.));
  CHECK(x.elements == std::vector{-one, 0.f, 0.f, 0.f, one, 0.f});
  s.invert(x);
  for (std::size_t i = 0; i < 6; ++i) CHECK_THAT(x.elements[i], near(original.elements[i], 1e-7));
  x = original;
  auto const view = fovea::as_matrix("test", "x has", x);
  s.apply(view);
  CHECK(x.elements[0] == -one);
}

TEST_CASE("standardizer rejects invalid arguments") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  table rows{{"a", "b"}, {{1, 2}, {3, nan}}};
  auto const before = rows.columns[0];
  CHECK_THROWS_WITH(standardizer::fit(rows, {"a", "b"}),
                    "standardizer: column \"b\", row 1: nan is not a finite number");
  CHECK_THROWS_AS(standardizer::fit(rows, {"b"}), fovea::numeric_error);
  CHECK_THROWS_WITH(standardizer::fit(rows, {"x"}), "table: no column \"x\"; there are: a, b");
  CHECK_THROWS_WITH(standardizer::fit(table{{"a"}, {{}}}, {"a"}), "standardizer: column \"a\" has no rows");
  CHECK_THROWS_WITH(standardizer::fit(table{{"a"}, {{1e200, -1e200}}}, {"a"}),
                    "standardizer: the numbers of column \"a\" are too large to be squared and summed");
  CHECK_THROWS_AS(standardizer::fit(table{{"a"}, {column(4, 1.7e308)}}, {"a"}), fovea::numeric_error);
  standardizer const other{.names = {"a", "c"}, .mean = {1, 1}, .scale = {2, 2}};
  CHECK_THROWS_AS(other.apply(rows), fovea::argument_error);
  CHECK(rows.columns[0] == before);
  matrix x{{1, 3}, {1, 2, 3}};
  CHECK_THROWS_WITH(other.apply(x), "standardizer: the tensor has shape (1, 3), expected (rows, 2)");
  CHECK_THROWS_WITH(standardizer::fit(matrix{{2, 1}, {1, std::numeric_limits<float>::infinity()}}),
                    "standardizer: column 0, row 1: inf is not a finite number");
  CHECK_THROWS_WITH(standardizer::fit(matrix{{0, 1}, {}}), "standardizer: column 0 has no rows");
}
