// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <fovea/training/epoch_steps.hpp>

namespace fovea::detail {

/// Neighboring rows of a step.
struct row_range {
  std::size_t first, rows;
};

/// How the ranks share the rows of a step: as parts, of which each rank has one or, for the reproducible sum, several groups. With
/// synchronized statistics they share each batch.
struct row_shares {
  std::size_t rank, ranks;
  std::size_t groups;  // of the reproducible sum; 0: the fast sum
  std::size_t accumulate;
  bool synchronized;

  /// True if a step is cut into parts; the only rank of a fast sum trains as it would alone.
  bool cut() const { return ranks != 1 || groups != 0; }
  /// The number of this rank's parts.
  std::size_t parts() const { return groups == 0 ? 1 : groups / ranks; }
  /// Returns this rank's i-th part of so many rows.
  row_range part(std::size_t rows, std::size_t i) const { return share(rows, rank * parts() + i, ranks * parts()); }
  /// Returns this rank's share of so many rows of a batch.
  row_range share_of_batch(std::size_t rows) const { return share(rows, rank, ranks); }
  /// The rows of a part that run at once; those of a group do not depend on the number of ranks.
  std::size_t rows_at_once(std::size_t rows_of_part, std::size_t batch_rows) const {
    return groups == 0 ? batch_rows : (std::max<std::size_t>)(1, (rows_of_part + accumulate - 1) / accumulate);
  }
  /// Calls f with the numbers of rows that layers run on at once in an epoch of these steps.
  template <class F> void for_each_size(epoch_steps const& steps, std::size_t batch_rows, F const& f) const {
    auto const sizes_of = [&](std::size_t rows, std::size_t max_rows) {
      f((std::min)(rows, max_rows)), f(rows % max_rows);
    };
    for (auto const rows : {steps.rows_of_step, steps.rows % steps.rows_of_step}) {
      if (synchronized) sizes_of(rows, batch_rows * ranks);
      for (std::size_t i = 0; i != parts() && !synchronized; ++i)
        sizes_of(part(rows, i).rows, rows_at_once(part(rows, i).rows, batch_rows));
    }
  }

 private:
  static row_range share(std::size_t rows, std::size_t number, std::size_t shares) {
    auto const first = rows * number / shares;
    return {first, rows * (number + 1) / shares - first};
  }
};

}  // namespace fovea::detail
