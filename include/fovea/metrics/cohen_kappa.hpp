// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/error.hpp>
#include <fovea/metrics/class_confusion.hpp>

namespace fovea {

/// Returns the agreement of predictions and targets beyond that of chance: 1 if all agree, 0 if as many as by chance (Cohen 1960).
/// Agrees with scikit-learn's `cohen_kappa_score`. Throws `numeric_error` without rows, and if all predictions and targets are of
/// one class, where scikit-learn returns nan.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const kappa = cohen_kappa(matrix);  // 0.3333
template <class Count> double cohen_kappa(basic_class_confusion<Count> const& m) {
  auto const [targets, predictions, all, right] = detail::totals(m);
  if (all == 0) throw numeric_error("cohen_kappa: no rows");
  double wrong = 0,
         by_chance = 0;  // the rows whose prediction is wrong, and how many would be if predictions were independent
  for (std::size_t t = 0; t != m.classes; ++t)
    for (std::size_t p = 0; p != m.classes; ++p)
      if (t != p) {
        wrong += static_cast<double>(m(t, p));
        by_chance += static_cast<double>(targets[t]) * static_cast<double>(predictions[p]) / static_cast<double>(all);
      }
  if (by_chance == 0) throw numeric_error("cohen_kappa: all predictions and targets are of one class");
  return 1 - wrong / by_chance;
}

/// Returns the kappa of the classes 0 and 1.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const kappa = cohen_kappa(counts);  // 0.5
template <class Count = std::size_t> double cohen_kappa(basic_confusion_counts<Count> const& c) {
  return fovea::cohen_kappa(detail::two_classes(c));
}

}  // namespace fovea
