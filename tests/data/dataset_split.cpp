// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset_split.hpp>

#include "../backends.hpp"
#include "rows.hpp"

namespace {

/// Element c of row r of input `which` is a number that no other place has.
double number(std::size_t which, std::size_t r, std::size_t c) {
  return static_cast<double>(1000 * which + 10 * r + c);
}
std::vector<double> matrix(std::size_t which, row_numbers const& rows, std::size_t columns) {
  std::vector<double> result;
  for (auto const r : rows)
    for (std::size_t c = 0; c != columns; ++c) result.push_back(number(which, r, c));
  return result;
}
row_numbers first_rows(std::size_t n) {
  row_numbers result(n);
  for (std::size_t i = 0; i != n; ++i) result[i] = i;
  return result;
}
template <class B> auto tensor_of_numbers(B const& b, std::size_t which, std::size_t rows, std::size_t columns) {
  return tensor_from(b, std::array{rows, columns}, matrix(which, first_rows(rows), columns));
}
template <class T> std::vector<double> doubles(T const& tensor) {
  auto const all = to_vector(tensor);
  return {all.begin(), all.end()};
}
template <class Data> void check_rows(Data const& found, row_numbers const& rows) {
  CHECK(found.rows() == rows.size());
  CHECK(doubles(found.features) == matrix(1, rows, 3));
  CHECK(doubles(found.targets) == matrix(2, rows, 1));
}

}  // namespace

TEST_CASE("take returns every input, the targets and the options of the rows, in their order", "[dataset_take]") {
  for_each_backend([](auto const& b) {
    constexpr std::size_t n = 37;
    auto words = b.template empty<std::int32_t>(std::array<std::size_t, 2>{n, 2});
    std::vector<std::int32_t> from;
    for (auto const x : matrix(3, first_rows(n), 2)) from.push_back(static_cast<std::int32_t>(x));
    b.copy(from.data(), fovea::data(words), from.size());
    auto const x = tensor_of_numbers(b, 1, n, 3), y = tensor_of_numbers(b, 2, n, 1), w = tensor_of_numbers(b, 4, n, 1);
    fovea::dataset const all{b, std::tie(words, x), y, fovea::sample_weights(w), fovea::mask(w)};
    for (auto const& rows : {row_numbers{36, 0, 5, 5, 17, 1, 36}, row_numbers{}, first_rows(n)}) {
      auto const some = all.take(rows);
      static_assert(std::is_same_v<decltype(some), decltype(all)>);
      CHECK(doubles(std::get<0>(some.features)) == matrix(3, rows, 2));
      CHECK(doubles(std::get<1>(some.features)) == matrix(1, rows, 3));
      CHECK(doubles(some.targets) == matrix(2, rows, 1));
      CHECK(doubles(std::get<0>(some.options).numbers) == matrix(4, rows, 1));
      CHECK(doubles(std::get<1>(some.options).numbers) == std::vector<double>(rows.size(), 1));
      CHECK(some.identity() != all.identity());
    }
    CHECK_THROWS_WITH(all.take(row_numbers{0, 37, 2}), "dataset: row 37 of 37");
    CHECK_THROWS_AS(all.take(row_numbers{static_cast<std::size_t>(-1)}), fovea::shape_error);
  });
}

TEST_CASE("train_test_split and k_fold give the data sets of their rows", "[dataset_split]") {
  auto const check = [](auto const& b) {
    constexpr std::size_t n = 23;
    fovea::dataset const all{b, tensor_of_numbers(b, 1, n, 3), tensor_of_numbers(b, 2, n, 1)};
    auto const rows = fovea::train_test_rows(n, {.test_size = 0.3, .seed = 7});
    auto const [train, test] = fovea::train_test_split(all, {.test_size = 0.3, .seed = 7});
    check_rows(train, rows.train);
    check_rows(test, rows.test);

    auto const expected = fovea::k_fold(n, {.folds = 4, .seed = 3});
    auto const folds = fovea::k_fold(all, {.folds = 4, .seed = 3});
    CHECK(folds.size() == 4);
    std::size_t fold = 0;
    for (auto const& [training, validation] : folds) {
      check_rows(training, expected[fold].train);
      check_rows(validation, expected[fold].test);
      CHECK(folds.rows()[fold].test == expected[fold].test);
      ++fold;
    }
    CHECK(fold == 4);
    CHECK_THROWS_WITH(folds[4], "dataset_folds: fold 4 of 4");
    CHECK_THROWS_AS(fovea::k_fold(all, {.folds = n + 1}), fovea::argument_error);
  };
  check(fovea::host_backend<float>{});
  check(main_backend<double>{});
}

TEST_CASE("a data set is stratified by its targets", "[dataset_stratified]") {
  fovea::host_backend<float> const b;
  constexpr std::size_t n = 41;
  auto const classes = drawn_classes<int>(n, 3, 5);
  auto const x = tensor_of_numbers(b, 1, n, 3);
  fovea::dataset const all{b, x, classes};
  auto const options = fovea::split_options{.test_size = 0.25, .seed = 1, .stratify = "targets"};
  auto const rows = fovea::train_test_rows(n, options, classes);
  auto const parts = fovea::train_test_split(all, options);
  CHECK(doubles(parts.train.features) == matrix(1, rows.train, 3));
  CHECK(doubles(parts.test.features) == matrix(1, rows.test, 3));
  CHECK_THROWS_WITH(fovea::train_test_split(all, {.stratify = "Class"}),
                    "train_test_split: stratify is \"Class\", must be \"\" or \"targets\" for a data set");

  auto const folds = fovea::stratified_k_fold(all, {.folds = 3});
  auto const expected = fovea::stratified_k_fold(classes, {.folds = 3});
  for (std::size_t i = 0; i != 3; ++i) CHECK(doubles(folds[i].test.features) == matrix(1, expected[i].test, 3));

  fovea::dataset const two_columns{b, x, x};
  CHECK_THROWS_WITH(fovea::stratified_k_fold(two_columns),
                    "stratified_k_fold: the targets have shape (41, 3), expected (N, 1) to stratify by");
}
