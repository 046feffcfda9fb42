// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// How precise and how complete predicting positive at `probability >= threshold` is.
struct precision_recall_point {
  double precision, recall, threshold;

  bool operator==(precision_recall_point const&) const = default;
};

/// The points of the precision-recall curve, from the lowest probability as threshold, where all is predicted
/// positive, through each distinct one upwards, and last precision 1 with recall 0; scikit-learn's
/// `precision_recall_curve(drop_intermediate=False)`, which has no threshold for the last one: here it is infinite.
/// Throws as `validate_binary` does, and `numeric_error` when there is no positive target or a probability is infinite.
template <numbers P, numbers Y>
std::vector<precision_recall_point> precision_recall_curve(P const& probabilities, Y const& targets) {
  auto const curve = threshold_counts(numbers_of(probabilities), numbers_of(targets), "precision_recall_curve");
  if (curve.empty()) throw numeric_error("precision_recall_curve: no rows, must have a positive one");
  auto const positives = curve.back().true_positive;
  if (positives == 0) throw numeric_error("precision_recall_curve: all targets are 0, must have a positive one");

  std::vector<precision_recall_point> result{{1, 0, std::numeric_limits<double>::infinity()}};
  for (auto const& [at, wrong, right] : curve) {
    auto const threshold = static_cast<double>(at);
    if (std::isinf(threshold)) throw numeric_error("precision_recall_curve: a probability is infinite");
    result.push_back({detail::share(right, right + wrong), detail::share(right, positives), threshold});
  }
  std::ranges::reverse(result);
  return result;
}

}  // namespace fovea
