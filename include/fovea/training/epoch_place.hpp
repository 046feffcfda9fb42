// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <fovea/error.hpp>

namespace fovea::detail {

/// Where a trainer is in its data: the number of its epoch, from 1, that epoch's rows, and those that its steps have taken; none
/// between epochs. The order of the rows is computed from the number, so this is all that a resumed run needs.
struct epoch_place {
  std::uint32_t epoch = 0;
  std::size_t rows = 0, rows_done = 0;

  /// Begins an epoch on so many rows and returns true, or goes on in one whose state was restored.
  bool begin(std::size_t data_rows) {
    if (rows_done != 0 && rows != data_rows)
      throw argument_error("trainer: the epoch that was restored is on " + std::to_string(rows) +
                           " rows, the data set has " + std::to_string(data_rows));
    if (rows_done != 0) return false;
    rows = data_rows;
    ++epoch;
    return true;
  }
  template <class Visit> void for_each_state(Visit& visit) {
    visit("epoch.rows", rows);
    visit("epoch.place", rows_done);
    visit("epochs", epoch);
  }
};

}  // namespace fovea::detail
