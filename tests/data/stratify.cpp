// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/split.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"
#include "rows.hpp"

using fovea::train_test_rows;
using classes = std::vector<int>;

TEST_CASE("stratified train_test_rows returns scikit-learn's rows in scikit-learn's order") {
  for (auto const& split : sklearn::stratified_splits) {
    CAPTURE(split.classes, split.test_size, split.seed);
    auto const [train, test] =
        train_test_rows(split.classes.size(), {.test_size = split.test_size, .seed = split.seed}, split.classes);
    CHECK(train == split.train);
    CHECK(test == split.test);
  }
}

TEST_CASE("stratified train_test_rows returns scikit-learn's rows for many row counts, classes, sizes and seeds") {
  for (auto const& split : sklearn::hashed_stratified_splits) {
    CAPTURE(split.n, split.levels, split.test_size, split.seed);
    auto const values = drawn_classes<float>(split.n, split.levels, split.class_seed);
    auto const [train, test] = train_test_rows(split.n, {.test_size = split.test_size, .seed = split.seed}, values);
    CHECK(row_hash(train) == split.train_hash);
    CHECK(row_hash(test) == split.test_hash);
  }
}

TEST_CASE("stratified train_test_rows throws where scikit-learn raises an error") {
  for (auto const& split : sklearn::impossible_stratified_splits) {
    CAPTURE(split.n, split.levels, split.test_size);
    auto const values = drawn_classes<int>(split.n, split.levels, split.class_seed);
    CHECK_THROWS_AS(train_test_rows(split.n, {.test_size = split.test_size, .seed = split.seed}, values),
                    fovea::argument_error);
  }
}

TEST_CASE("stratified train_test_rows returns every row once, with the classes in proportion") {
  std::size_t const n = 1000;
  auto const values = drawn_classes<std::int64_t>(n, 4, 1);
  auto const [train, test] = train_test_rows(n, {.test_size = 0.3, .seed = 5}, values);
  std::set<std::size_t> rows(train.begin(), train.end());
  rows.insert(test.begin(), test.end());
  CHECK(rows.size() == n);
  CHECK(train.size() == 700);
  for (std::int64_t c = 0; c < 4; ++c) {
    auto const is_c = [&](std::size_t row) { return values[row] == c; };
    auto const of_all = static_cast<double>(std::ranges::count(values, c));
    CHECK_THAT(static_cast<double>(std::ranges::count_if(test, is_c)), Catch::Matchers::WithinAbs(0.3 * of_all, 1));
  }
}

TEST_CASE("train_test_split stratifies by a column") {
  auto const values = drawn_classes<double>(200, 3, 2);
  fovea::table rows{{"row", "Class"}, {std::vector<double>(200), values}};
  for (std::size_t i = 0; i < 200; ++i) rows.columns[0][i] = static_cast<double>(i);
  auto const [train, test] = fovea::train_test_split(rows, {.test_size = 0.25, .seed = 3, .stratify = "Class"});
  auto const chosen = train_test_rows(200, {.test_size = 0.25, .seed = 3}, values);
  CHECK(std::ranges::equal(train.columns[0], chosen.train));
  CHECK(std::ranges::equal(test.columns[0], chosen.test));
  CHECK(test.columns[1][0] == values[chosen.test[0]]);
  CHECK_THROWS_WITH(fovea::train_test_split(rows, {.stratify = "class"}),
                    "table: no column \"class\"; there are: row, Class");
}

TEST_CASE("train_test_rows stratifies by a tensor") {
  auto const values = drawn_classes<float>(50, 2, 3);
  auto const column = fovea::host_tensor<float, 2>{{50, 1}, values};
  CHECK(train_test_rows(50, {.seed = 1}, column).test == train_test_rows(50, {.seed = 1}, values).test);
}

TEST_CASE("stratified train_test_rows rejects invalid arguments") {
  auto const infinity = std::numeric_limits<double>::infinity();
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  classes const halves{0, 1, 0, 1, 0, 1};
  CHECK_THROWS_WITH(train_test_rows(6, {.shuffle = false}, halves), "train_test_split: stratify needs shuffle = true");
  CHECK_THROWS_WITH(train_test_rows(6, {.shuffle = false, .stratify = "Class"}, halves),
                    "split_options: stratify is \"Class\", which needs shuffle = true");
  CHECK_THROWS_WITH(train_test_rows(6, {.stratify = "Class"}),
                    "train_test_rows: stratify is \"Class\", but there is no table; give the classes as the third "
                    "argument");
  CHECK_THROWS_WITH(train_test_rows(5, {}, halves), "train_test_split: 5 rows, but 6 classes to stratify by");
  CHECK_THROWS_AS(train_test_rows(5, {}, halves), fovea::shape_error);
  CHECK_THROWS_WITH(train_test_rows(6, {.test_size = 0.5}, std::vector{0., 1., 0., 1., 0.5, 1.}),
                    "train_test_split: class 0.5 has 1 row, row 4; stratify needs 2 of every class");
  CHECK_THROWS_WITH(train_test_rows(6, {.test_size = 0.1}, halves),
                    "train_test_split: 1 rows for testing and 2 classes; stratify needs a row for each class");
  CHECK_THROWS_WITH(train_test_rows(6, {.test_size = 0.8}, halves),
                    "train_test_split: 1 rows for training and 2 classes; stratify needs a row for each class");
  CHECK_THROWS_WITH(train_test_rows(4, {.test_size = 0.5}, std::vector{0., 1., infinity, 0.}),
                    "train_test_split: the class of row 2 is inf, must be finite");
  CHECK_THROWS_WITH(train_test_rows(4, {.test_size = 0.5}, std::vector{0., nan, 1., 0.}),
                    "train_test_split: the class of row 1 is nan, must be finite");
  CHECK_THROWS_AS(train_test_rows(0, {}, classes{}), fovea::argument_error);
  CHECK_THROWS_AS(train_test_rows(6, {.test_size = 7}, halves), fovea::argument_error);
}
