// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/compensated_sum.hpp>

namespace fovea {

/// The rows whose probability lies in one bin; all members of an empty bin are 0. With sample weights, `rows` is the sum of their
/// weights.
template <class Count> struct basic_calibration_bin {
  Count rows = 0;
  double mean_probability = 0, positive_share = 0;
};
using calibration_bin = basic_calibration_bin<std::size_t>;
using weighted_calibration_bin = basic_calibration_bin<double>;

/// Returns the reliability diagram: [0, 1] divided into `bins` bins of equal width. A bin excludes its lower edge and
/// includes its upper one; the first bin includes both. Agrees with scikit-learn's `calibration_curve`, which omits the
/// empty bins and takes no sample weights.
/// Throws what `validate_probabilities` throws, `argument_error` if `bins` is 0 or above a million, and the errors of sample weights; error messages
/// begin with `metric`.
///
///     std::vector const probabilities{0., 0.25, 0.5, 0.75, 1.};
///     std::vector const targets{0, 1, 1, 0, 1};
///     auto const bins = calibration_curve(probabilities, targets, 4);
///     // bins[0] has 2 rows, mean_probability 0.125 and positive_share 0.5
template <numbers P, numbers Y, row_weights W>
std::vector<basic_calibration_bin<detail::count_of<W>>> calibration_curve(
    P const& probabilities, Y const& targets, std::size_t bins, W const& weights_of_rows,
    std::string const& metric = "calibration_curve") {
  auto const p = fovea::numbers_of(probabilities, "calibration_curve");
  auto const y = fovea::numbers_of(targets, "calibration_curve");
  fovea::validate_probabilities(metric, p, y);
  if (bins == 0 || bins > 1'000'000)
    throw argument_error(metric + ": bins must be in [1, 1000000], got " + std::to_string(bins));
  auto const weight = detail::checked_weights(metric, p.size(), weights_of_rows);

  auto const step = 1 / static_cast<double>(bins);
  std::vector<double> bounds;  // the inner bin edges, rounded like those of NumPy's linspace
  for (std::size_t i = 1; i < bins; ++i) bounds.push_back(static_cast<double>(i) * step);
  using count = detail::count_of<W>;
  std::vector<basic_calibration_bin<count>> result(bins);
  std::vector<compensated_sum> sums(bins);
  std::vector<count> positives(bins);
  for (std::size_t i = 0; i != p.size(); ++i) {
    auto const probability = static_cast<double>(p[i]);
    auto const bin = static_cast<std::size_t>(std::ranges::lower_bound(bounds, probability) - bounds.begin());
    result[bin].rows += weight[i];
    sums[bin] += static_cast<double>(weight[i]) * probability;
    if (y[i] != 0) positives[bin] += weight[i];
  }
  for (std::size_t bin = 0; bin != bins; ++bin)
    if (auto const n = static_cast<double>(result[bin].rows); n != 0) {
      result[bin].mean_probability = sums[bin].value() / n;
      result[bin].positive_share = static_cast<double>(positives[bin]) / n;
    }
  return result;
}
template <numbers P, numbers Y>
std::vector<calibration_bin> calibration_curve(P const& probabilities, Y const& targets, std::size_t bins = 15,
                                               std::string const& metric = "calibration_curve") {
  return fovea::calibration_curve(probabilities, targets, bins, equal_weights{}, metric);
}

}  // namespace fovea
