// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <fovea/data/k_fold.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"
#include "rows.hpp"

using fovea::k_fold;
using fovea::stratified_k_fold;

TEST_CASE("k_fold and stratified_k_fold return scikit-learn's rows") {
  for (auto const& expected : sklearn::all_folds) {
    CAPTURE(expected.n, expected.levels, expected.folds, expected.seed, expected.shuffle);
    fovea::k_fold_options const options{expected.folds, expected.seed, expected.shuffle};
    auto const splits = expected.levels == 0
                            ? k_fold(expected.n, options)
                            : stratified_k_fold(drawn_classes<int>(expected.n, expected.levels, expected.n), options);
    REQUIRE(splits.size() == expected.folds);
    auto hash = row_hash({});
    for (auto const& [train, test] : splits) hash = row_hash(train, row_hash(test, hash));
    CHECK(hash == expected.hash);
  }
}

TEST_CASE("k_fold without shuffling divides the rows in order, longer folds first") {
  auto const splits = k_fold(5, {.folds = 3, .shuffle = false});
  REQUIRE(splits.size() == 3);
  CHECK(splits[0].test == row_numbers{0, 1});
  CHECK(splits[1].test == row_numbers{2, 3});
  CHECK(splits[2].test == row_numbers{4});
  CHECK(splits[1].train == row_numbers{0, 1, 4});
}

TEST_CASE("stratified_k_fold without shuffling divides each class in order") {
  auto const splits = stratified_k_fold(std::vector{1.5, 0., 1.5, 0., 1.5, 1.5}, {.folds = 2, .shuffle = false});
  REQUIRE(splits.size() == 2);
  CHECK(splits[0].test == row_numbers{0, 1, 2});
  CHECK(splits[1].test == row_numbers{3, 4, 5});
  CHECK(splits[0].train == splits[1].test);
}

TEST_CASE("k_fold and stratified_k_fold reject invalid arguments") {
  std::vector const two{0, 1};
  CHECK_THROWS_WITH(k_fold(10, {.folds = 1}), "k_fold_options: folds is 1, must be at least 2");
  CHECK_THROWS_WITH(k_fold(10, {.seed = 1ull << 32}), "k_fold_options: seed is 4294967296, must be below 4294967296");
  CHECK_THROWS_WITH(k_fold(4), "k_fold: 4 rows for 5 folds; each needs at least one");
  CHECK_THROWS_WITH(stratified_k_fold(two), "stratified_k_fold: 2 rows for 5 folds; each needs at least one");
  CHECK_THROWS_WITH(stratified_k_fold(two, {.folds = 2}),
                    "stratified_k_fold: the largest class has 1 rows for 2 folds; one class needs a row for each");
  CHECK_THROWS_AS(stratified_k_fold(two, {.folds = 0}), fovea::argument_error);
  CHECK_THROWS_WITH(stratified_k_fold(std::vector{0.f, std::numeric_limits<float>::quiet_NaN()}, {.folds = 2}),
                    "stratified_k_fold: the class of row 1 is nan, must be finite");
  CHECK_THROWS_AS(stratified_k_fold(std::vector<int>{}), fovea::argument_error);
}
