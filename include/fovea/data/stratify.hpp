// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

#include <fovea/data/numpy_shuffle.hpp>
#include <fovea/data/row_split.hpp>

/// The rows of scikit-learn's `StratifiedShuffleSplit(n_splits=1)`: all draws, in the same order, from one generator.
namespace fovea::detail {

using counts_by_class = std::vector<std::size_t>;

/// Distributes `draws` rows over the classes in proportion to their sizes, like scikit-learn's `_approximate_mode`: shares
/// are rounded down, and the rows left go to the classes with the largest remainders; ties are broken at random.
inline counts_by_class approximate_mode(counts_by_class const& sizes, std::size_t draws, std::mt19937& generator) {
  auto const total = static_cast<double>(std::reduce(sizes.begin(), sizes.end()));
  counts_by_class result;
  std::vector<double> remainders;
  auto left = static_cast<double>(draws);
  for (auto size : sizes) {
    double whole;  // from modf: a subtraction could be fused with the product and then differ from NumPy's result
    remainders.push_back(std::modf(static_cast<double>(size) / total * static_cast<double>(draws), &whole));
    result.push_back(static_cast<std::size_t>(whole));
    left -= whole;
  }

  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return remainders[i]; });
  for (auto first = order.begin(); left > 0 && first != order.end();) {
    auto const tied =
        std::ranges::find_if(first, order.end(), [&](std::size_t i) { return remainders[i] != remainders[*first]; });
    auto const lots = numpy_permutation(static_cast<std::size_t>(tied - first), generator);
    for (auto lot = lots.begin(); left > 0 && lot != lots.end(); ++lot, --left)
      ++result[first[static_cast<std::ptrdiff_t>(*lot)]];
    first = tied;
  }
  return result;
}

/// Returns training and test rows with every class in proportion; `classes[c]` holds the rows of class c.
inline row_split stratified_rows(std::vector<std::vector<std::size_t>> const& classes, std::size_t train_rows,
                                 std::size_t test_rows, std::uint64_t seed) {
  auto generator = numpy_generator(seed);
  counts_by_class sizes;
  for (auto const& rows : classes) sizes.push_back(rows.size());
  auto const trains = approximate_mode(sizes, train_rows, generator);
  std::ranges::transform(sizes, trains, sizes.begin(), std::minus{});
  auto const tests = approximate_mode(sizes, test_rows, generator);

  row_split result;
  for (std::size_t c = 0; c != classes.size(); ++c) {
    auto const order = numpy_permutation(classes[c].size(), generator);
    auto const taken = (std::min)(order.size(), trains[c] + tests[c]);
    for (std::size_t i = 0; i != taken; ++i)
      (i < trains[c] ? result.train : result.test).push_back(classes[c][order[i]]);
  }
  numpy_shuffle(result.train, generator);
  numpy_shuffle(result.test, generator);
  return result;
}

}  // namespace fovea::detail
