// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// What is predicted positive at `probability >= threshold`, and how much of it rightly.
template <class T> struct threshold_count {
  T threshold;
  std::size_t false_positive, true_positive;

  bool operator==(threshold_count const&) const = default;
};

/// The counts at each distinct probability, from the highest down: the points of the ROC and of the precision-recall
/// curve. The last one counts all rows. `metric` begins the messages; throws as `validate_binary` does.
template <number_range P, number_range Y>
std::vector<threshold_count<std::ranges::range_value_t<P>>> threshold_counts(
    P const& probabilities, Y const& targets, std::string const& metric = "threshold_counts") {
  using probability = std::ranges::range_value_t<P>;
  validate_binary(metric, probabilities, targets);
  std::vector<std::pair<probability, bool>> rows(std::ranges::size(targets));
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = {std::ranges::data(probabilities)[i], std::ranges::data(targets)[i] != 0};
  std::ranges::sort(rows, std::ranges::greater{}, &std::pair<probability, bool>::first);

  std::vector<threshold_count<probability>> result;
  std::size_t of[2] = {};  // the rows so far, by target
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ++of[rows[i].second];
    if (i + 1 == rows.size() || rows[i + 1].first != rows[i].first) result.push_back({rows[i].first, of[0], of[1]});
  }
  return result;
}

}  // namespace fovea
