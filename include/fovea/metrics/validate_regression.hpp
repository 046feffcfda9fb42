// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <ranges>
#include <string>

#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Checks the arguments of a metric of real targets. Throws `shape_error` if the lengths differ, and `numeric_error` if there
/// are no rows or a number is not finite. Error messages begin with `metric` and give positions counted from 0.
template <number_range P, number_range Y>
void validate_regression(std::string const& metric, P const& predictions, Y const& targets) {
  auto const n = std::ranges::size(predictions);
  if (n != std::ranges::size(targets))
    throw shape_error(metric + ": " + std::to_string(n) + " predictions, but " +
                      std::to_string(std::ranges::size(targets)) + " targets");
  if (n == 0) throw numeric_error(metric + ": no rows");
  auto const require_finite = [&](char const* noun, auto const* all) {
    for (std::size_t i = 0; i != n; ++i)
      if (auto const x = static_cast<double>(all[i]); !detail::is_finite(x))
        throw numeric_error(metric + ": " + noun + " " + std::to_string(i) + " is " + detail::to_shortest(x) +
                            ", must be finite");
  };
  require_finite("prediction", std::ranges::data(predictions));
  require_finite("target", std::ranges::data(targets));
}

}  // namespace fovea
