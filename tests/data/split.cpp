// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <fovea/data/split.hpp>
#include <fovea/io/npy.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"
#include "../fixtures/sklearn_data.hpp"
#include "rows.hpp"

using fovea::train_test_rows;

namespace {

/// Returns the test rows in a reference file, or an empty list if the file does not exist.
row_numbers reference(std::string const& name) {
  auto const file = std::filesystem::path(FOVEA_SHARED_DIR) / "reference" / name;
  if (!std::filesystem::exists(file)) return {};
  auto const rows = fovea::read_npy<std::int64_t>(file).values;
  return {rows.begin(), rows.end()};
}

}  // namespace

TEST_CASE("train_test_rows returns scikit-learn's rows in scikit-learn's order") {
  for (auto const& split : sklearn::splits) {
    CAPTURE(split.n, split.test_size, split.seed);
    auto const [train, test] = train_test_rows(split.n, {.test_size = split.test_size, .seed = split.seed});
    CHECK(train == split.train);
    CHECK(test == split.test);
  }
}

TEST_CASE("train_test_rows returns scikit-learn's rows for many row counts, sizes and seeds") {
  for (auto const& split : sklearn::hashed_splits) {
    CAPTURE(split.n, split.test_size, split.seed, split.shuffle);
    auto const [train, test] =
        train_test_rows(split.n, {.test_size = split.test_size, .seed = split.seed, .shuffle = split.shuffle});
    CHECK(train.size() == split.train_rows);
    CHECK(test.size() == split.test_rows);
    CHECK(row_hash(train) == split.train_hash);
    CHECK(row_hash(test) == split.test_hash);
  }
}

TEST_CASE("train_test_rows throws where scikit-learn raises an error") {
  for (auto const& split : sklearn::impossible_splits) {
    CAPTURE(split.n, split.test_size);
    CHECK_THROWS_AS(train_test_rows(split.n, {.test_size = split.test_size}), fovea::argument_error);
  }
  CHECK_THROWS_WITH(train_test_rows(10, {.test_size = 0.999}),
                    "train_test_split: 10 rows with test_size 0.999 give 10 for testing and 0 for training; each part "
                    "needs at least one row");
  CHECK_THROWS_WITH(train_test_rows(0),
                    "train_test_split: 0 rows with test_size 0.2 give 0 for testing and 0 for "
                    "training; each part needs at least one row");
}

TEST_CASE("split_options rejects values outside their domain") {
  for (auto size :
       {0., 1., -0.2, 1.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS(train_test_rows(10, {.test_size = size}), fovea::argument_error);
  CHECK_THROWS_WITH(train_test_rows(10, {.test_size = 1.5}), "split_options: test_size is 1.5, must be in (0, 1)");
  CHECK_NOTHROW(train_test_rows(10, {.seed = 4294967295}));
  CHECK_THROWS_WITH(train_test_rows(10, {.seed = 4294967296}),
                    "split_options: seed is 4294967296, must be below 4294967296");
}

TEST_CASE("the sizes of both parts are shares or numbers of rows, as in scikit-learn") {
  auto const size = [](double number) {
    return number == 0  ? fovea::part_size()
           : number < 1 ? fovea::part_size(number)
                        : fovea::part_size(static_cast<int>(number));
  };
  for (auto const& split : sklearn_data::all_sized_splits) {
    CAPTURE(split.n, split.test_size, split.train_size, split.shuffle, split.stratified);
    fovea::split_options const options{
        .test_size = size(split.test_size), .train_size = size(split.train_size), .seed = 11, .shuffle = split.shuffle};
    std::vector<int> classes;
    for (std::size_t i = 0; i != split.n; ++i) classes.push_back(static_cast<int>(i % 3));
    auto const rows = [&] {
      return split.stratified ? train_test_rows(split.n, options, classes) : train_test_rows(split.n, options);
    };
    if (split.train.empty()) {
      CHECK_THROWS_AS(rows(), fovea::argument_error);
      continue;
    }
    auto const [train, test] = rows();
    CHECK(train == split.train);
    CHECK(test == split.test);
  }
  CHECK_THROWS_WITH(
      train_test_rows(10, {.test_size = 4, .train_size = 7}),
      "train_test_split: 10 rows with test_size 4 rows and train_size 7 rows give 4 for testing and 7 for "
      "training; there are not as many");
  CHECK_THROWS_WITH(train_test_rows(10, {.test_size = 0.75, .train_size = 0.5}),
                    "split_options: test_size 0.75 and train_size 0.5 are more than all rows");
  CHECK_THROWS_WITH(train_test_rows(10, {.train_size = -3}),
                    "split_options: train_size is -3 rows, must be at least 1");
}

TEST_CASE("train_test_split without shuffling keeps the order") {
  auto const [train, test] = train_test_rows(5, {.test_size = 0.3, .seed = 7, .shuffle = false});
  CHECK(train == row_numbers{0, 1, 2});
  CHECK(test == row_numbers{3, 4});
}

TEST_CASE("train_test_split divides a table's rows") {
  fovea::table rows{{"i", "tenfold"}, {{}, {}}};
  for (int i = 0; i < 10; ++i) {
    rows.columns[0].push_back(i);
    rows.columns[1].push_back(10 * i);
  }
  auto const [train, test] = fovea::train_test_split(rows, {.test_size = 0.25, .seed = 42});
  auto const chosen = train_test_rows(10, {.test_size = 0.25, .seed = 42});
  CHECK(train.names == rows.names);
  REQUIRE(train.rows() == 7);
  REQUIRE(test.rows() == 3);
  CHECK(std::ranges::equal(train.columns[0], chosen.train));
  CHECK(std::ranges::equal(test.columns[0], chosen.test));
  for (std::size_t i = 0; i < 3; ++i) CHECK(test.columns[1][i] == 10 * test.columns[0][i]);
  CHECK_THROWS_AS(fovea::train_test_split(fovea::table{}), fovea::argument_error);
}

TEST_CASE("random_interval draws 64 bits, high half first, if 32 do not suffice") {
  std::mt19937 halves(1), generator(1);
  std::uint64_t const most = 0xFFFF'FFFF'FFFF'FFFF;
  std::uint64_t const high = halves(), low = halves();
  CHECK(fovea::detail::random_interval(generator, most) == (high << 32 | low));
  CHECK(fovea::detail::random_interval(generator, 0) == 0);
}

TEST_CASE("train_test_rows returns the rows of the reference files") {
  for (std::size_t const n : {10u, 1000u, 61434u, 284807u}) {
    auto const name = "split_n" + std::to_string(n) + "_seed0_test" + (n == 284807 ? "_head.npy" : ".npy");
    auto const expected = reference(name);
    if (expected.empty()) {
      std::cout << "skipped: reference/" << name << "\n";
      SUCCEED();
      return;
    }
    auto test = train_test_rows(n).test;
    if (n == 284807) test.resize(1000);
    CAPTURE(n);
    CHECK(test == expected);
  }
}
