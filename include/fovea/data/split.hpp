// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/error.hpp>

namespace fovea {

namespace detail {
/// As few digits as tell the number from every other.
inline std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}
}  // namespace detail

struct split_options {
  double test_size = 0.2;  // the part of the rows that is for testing, in (0, 1)
  std::uint64_t seed = 0;  // below 2^32
  bool shuffle = true;     // without it the first rows are for training and the last for testing

  /// Throws `argument_error` for a test size or a seed out of range.
  void validate() const {
    if (!(test_size > 0 && test_size < 1))
      throw argument_error("split_options: test_size is " + detail::shortest(test_size) + ", must be in (0, 1)");
    if (seed > 0xFFFF'FFFF)
      throw argument_error("split_options: seed is " + std::to_string(seed) + ", must be below 4294967296");
  }
};

/// Row numbers, counted from 0.
struct row_split {
  std::vector<std::size_t> train, test;
};

struct table_split {
  table train, test;
};

namespace detail {

/// A whole number in [0, most], as NumPy's legacy `random_interval` draws it: masked, and drawn anew when too large.
inline std::uint64_t random_interval(std::mt19937& generator, std::uint64_t most) {
  auto const mask = most == 0 ? 0 : ~std::uint64_t{0} >> std::countl_zero(most);
  for (;;) {
    std::uint64_t drawn = generator();
    if (most > 0xFFFF'FFFF) drawn = drawn << 32 | generator();
    if ((drawn & mask) <= most) return drawn & mask;
  }
}

/// `numpy.random.RandomState(seed).permutation(n)`.
inline std::vector<std::size_t> numpy_permutation(std::size_t n, std::uint32_t seed) {
  std::vector<std::size_t> result(n);
  std::iota(result.begin(), result.end(), std::size_t{0});
  std::mt19937 generator(seed);
  for (auto i = n; i-- > 1;) std::swap(result[i], result[static_cast<std::size_t>(random_interval(generator, i))]);
  return result;
}

}  // namespace detail

/// The rows of scikit-learn's `train_test_split(test_size=, random_state=seed, shuffle=)`, in its order, for `n` rows.
/// Throws `argument_error` when the options are out of range or no row is left for one part.
inline row_split train_test_rows(std::size_t n, split_options options = {}) {
  options.validate();
  auto const tests = static_cast<std::size_t>(std::ceil(options.test_size * static_cast<double>(n)));
  if (tests >= n)
    throw argument_error("train_test_split: " + std::to_string(n) + " rows with test_size " +
                         detail::shortest(options.test_size) + " give " + std::to_string(tests) + " for testing and " +
                         std::to_string(n - tests) + " for training; each part needs at least one row");
  row_split result;
  if (options.shuffle) {
    auto const order = detail::numpy_permutation(n, static_cast<std::uint32_t>(options.seed));
    auto const middle = order.begin() + static_cast<std::ptrdiff_t>(tests);
    result.test.assign(order.begin(), middle);
    result.train.assign(middle, order.end());
  } else {
    result.train.resize(n - tests);
    result.test.resize(tests);
    std::iota(result.train.begin(), result.train.end(), std::size_t{0});
    std::iota(result.test.begin(), result.test.end(), n - tests);
  }
  return result;
}

/// Divides a table's rows: `auto [train, test] = train_test_split(rows)`; see `train_test_rows`.
inline table_split train_test_split(table const& rows, split_options options = {}) {
  auto const chosen = train_test_rows(rows.rows(), options);
  return {rows.take(chosen.train), rows.take(chosen.test)};
}

}  // namespace fovea
