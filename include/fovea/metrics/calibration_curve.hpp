// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/compensated_sum.hpp>

namespace fovea {

/// The rows whose probability lies in one bin; all members of an empty bin are 0.
struct calibration_bin {
  std::size_t rows = 0;
  double mean_probability = 0, positive_share = 0;
};

/// Returns the reliability diagram: [0, 1] divided into `bins` bins of equal width. A bin excludes its lower edge and
/// includes its upper one; the first bin includes both. Agrees with scikit-learn's `calibration_curve`, which omits the
/// empty bins.
/// Throws what `validate_probabilities` throws, and `argument_error` if `bins` is 0; error messages begin with `metric`.
///
///     std::vector const probabilities{0., 0.25, 0.5, 0.75, 1.};
///     std::vector const targets{0, 1, 1, 0, 1};
///     auto const bins = calibration_curve(probabilities, targets, 4);
///     // bins[0] has 2 rows, mean_probability 0.125 and positive_share 0.5
template <numbers P, numbers Y>
std::vector<calibration_bin> calibration_curve(P const& probabilities, Y const& targets, std::size_t bins = 15,
                                               std::string const& metric = "calibration_curve") {
  auto const p = fovea::numbers_of(probabilities);
  auto const y = fovea::numbers_of(targets);
  fovea::validate_probabilities(metric, p, y);
  if (bins == 0) throw argument_error(metric + ": bins is 0, must be at least 1");

  auto const step = 1 / static_cast<double>(bins);
  std::vector<double> bounds;  // the inner bin edges, rounded like those of NumPy's linspace
  for (std::size_t i = 1; i < bins; ++i) bounds.push_back(static_cast<double>(i) * step);
  std::vector<calibration_bin> result(bins);
  std::vector<compensated_sum> sums(bins);
  std::vector<std::size_t> positives(bins);
  for (std::size_t i = 0; i != p.size(); ++i) {
    auto const probability = static_cast<double>(p[i]);
    auto const bin = static_cast<std::size_t>(std::ranges::lower_bound(bounds, probability) - bounds.begin());
    ++result[bin].rows;
    sums[bin] += probability;
    positives[bin] += y[i] != 0;
  }
  for (std::size_t bin = 0; bin != bins; ++bin)
    if (auto const n = static_cast<double>(result[bin].rows); n != 0) {
      result[bin].mean_probability = sums[bin].value() / n;
      result[bin].positive_share = static_cast<double>(positives[bin]) / n;
    }
  return result;
}

}  // namespace fovea
