// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/losses/check_targets.hpp>

namespace fovea::detail {

/// Throws `argument_error` for a target outside the loss's `targets`, and `numeric_error` for a feature or a target that is not
/// finite; the message names the row. Reads the data once, and copies them to the host only to find what is wrong.
template <class Loss, backend B> void check_data(B const& b, dataset<B> const& data) {
  using T = typename B::value_type;
  target_range const finite{-double{largest_finite<T>}, double{largest_finite<T>}};
  if (auto const wrong = detail::first_outside(b, finite, data.features)) {
    auto const columns = fovea::shape_of(data.features)[1];
    throw numeric_error("trainer: feature " + std::to_string(wrong->index % columns) + " of row " +
                        std::to_string(wrong->index / columns) + " is " + detail::to_shortest(wrong->value));
  }
  auto const columns = fovea::shape_of(data.targets)[1];
  auto const row = [&](std::size_t index) { return " in row " + std::to_string(index / columns); };
  if constexpr (requires { Loss::targets; })
    if (auto const wrong = detail::first_outside(b, Loss::targets, data.targets))
      throw argument_error(detail::outside_message("trainer", Loss::targets, wrong->value) + row(wrong->index));
  if (auto const wrong = detail::first_outside(b, finite, data.targets))
    throw numeric_error("trainer: a target is " + detail::to_shortest(wrong->value) + row(wrong->index));
}

}  // namespace fovea::detail
