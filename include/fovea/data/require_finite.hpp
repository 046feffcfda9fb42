// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>

namespace fovea {

/// Throws `numeric_error`, with column and row (counted from 0), if a number in the table is infinite or nan.
inline void require_finite(table const& numbers) {
  for (std::size_t i = 0; i < numbers.columns.size(); ++i)
    for (std::size_t row = 0; row < numbers.columns[i].size(); ++row)
      if (auto const number = numbers.columns[i][row]; !detail::is_finite(number))
        throw numeric_error("table: column \"" + numbers.names[i] + "\" is " +
                            (detail::is_nan(number) ? "nan" : "infinite") + " in row " + std::to_string(row) +
                            ", must be finite");
}

}  // namespace fovea
