// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include <fovea/error.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea::detail {

/// The steps of an epoch: each on `rows_of_step` rows, the last one on what is left.
struct epoch_steps {
  std::size_t rows, rows_of_step;

  epoch_steps(std::size_t all_rows, std::size_t step_rows, bool drop_last)
      : rows(all_rows), rows_of_step((std::max<std::size_t>)(1, (std::min)(step_rows, all_rows))) {
    if (drop_last) rows = rows / rows_of_step * rows_of_step;
  }
  std::size_t count() const { return (rows + rows_of_step - 1) / rows_of_step; }
  /// The rows of the first n steps.
  std::size_t rows_of(std::size_t n) const { return n < count() ? n * rows_of_step : rows; }
};

/// Thrown if the loss of a step, counted from 1, is not finite. `fit` throws that of `epoch` again, with its own number of the
/// epoch.
struct loss_not_finite : numeric_error {
  loss_not_finite(std::string const& who, double found, std::size_t epoch, std::size_t of_step, epoch_steps const& all)
      : numeric_error(who + ": the loss is " + detail::to_shortest(found) + " at epoch " + std::to_string(epoch) +
                      ", step " + std::to_string(of_step) + " of " + std::to_string(all.count()) + " (rows " +
                      std::to_string(all.rows_of(of_step - 1)) + " to " + std::to_string(all.rows_of(of_step) - 1) +
                      " of the epoch's order)"),
        loss(found), step(of_step), steps(all) {}
  double loss;
  std::size_t step;
  epoch_steps steps;
};

}  // namespace fovea::detail
