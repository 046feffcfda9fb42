// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>

#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Checks the arguments of a binary metric; the probabilities may be other scores, such as logits.
/// Throws `shape_error` if the lengths differ, `numeric_error` if a probability is nan, and `argument_error` if a target
/// is neither 0 nor 1. Error messages begin with `metric` and give positions counted from 0.
template <number_range P, number_range Y>
void validate_binary(std::string const& metric, P const& probabilities, Y const& targets) {
  auto const n = std::ranges::size(probabilities);
  if (n != std::ranges::size(targets))
    throw shape_error(metric + ": " + std::to_string(n) + " probabilities, but " +
                      std::to_string(std::ranges::size(targets)) + " targets");
  for (auto const* p = std::ranges::data(probabilities); p != std::ranges::data(probabilities) + n; ++p)
    if (detail::is_nan(static_cast<double>(*p)))
      throw numeric_error(metric + ": probability " + std::to_string(p - std::ranges::data(probabilities)) + " is nan");
  auto const binary = [](auto x) { return x == 0 || x == 1; };
  for (auto const* y = std::ranges::data(targets); y != std::ranges::data(targets) + n; ++y)
    if (!binary(*y)) {
      auto const swapped = std::all_of(std::ranges::data(probabilities), std::ranges::data(probabilities) + n, binary);
      throw argument_error(metric + ": target " + std::to_string(y - std::ranges::data(targets)) + " is " +
                           detail::to_shortest(static_cast<double>(*y)) + ", must be 0 or 1" +
                           (swapped ? "; the probabilities come before the targets" : ""));
    }
}

/// Checks the arguments of a binary metric whose scores must be probabilities. Throws what `validate_binary` throws,
/// `numeric_error` if there are no rows, and `argument_error` if a probability is outside [0, 1].
template <number_range P, number_range Y>
void validate_probabilities(std::string const& metric, P const& probabilities, Y const& targets) {
  fovea::validate_binary(metric, probabilities, targets);
  auto const n = std::ranges::size(probabilities);
  if (n == 0) throw numeric_error(metric + ": no rows");
  for (auto const* p = std::ranges::data(probabilities); p != std::ranges::data(probabilities) + n; ++p)
    if (*p < 0 || *p > 1)
      throw argument_error(metric + ": probability " + std::to_string(p - std::ranges::data(probabilities)) + " is " +
                           detail::to_shortest(static_cast<double>(*p)) + ", must be in [0, 1]");
}

}  // namespace fovea
