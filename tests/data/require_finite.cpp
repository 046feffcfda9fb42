// SPDX-License-Identifier: MIT
#include <limits>

#include <fovea/data/require_finite.hpp>

#include "../catch.hpp"

TEST_CASE("require_finite names the column and the row in its error") {
  auto const infinity = std::numeric_limits<double>::infinity();
  fovea::table numbers{{"a", "b"}, {{1, 2, 3}, {4, 5, std::numeric_limits<double>::max()}}};
  CHECK_NOTHROW(fovea::require_finite(numbers));
  CHECK_NOTHROW(fovea::require_finite({}));
  numbers.columns[1][2] = -infinity;
  CHECK_THROWS_WITH(fovea::require_finite(numbers), "table: column \"b\" is infinite in row 2, must be finite");
  numbers.columns[1][0] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(fovea::require_finite(numbers), "table: column \"b\" is nan in row 0, must be finite");
  CHECK_THROWS_AS(fovea::require_finite(numbers), fovea::numeric_error);
}
