// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <fovea/losses/loss.hpp>
#include <fovea/tensor/first_outside.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

namespace detail {

inline std::string outside_message(char const* who, target_range range, double found) {
  return std::string(who) + ": the loss takes targets in [" + detail::to_shortest(range.lowest) + ", " +
         detail::to_shortest(range.highest) + "], got " + detail::to_shortest(found);
}

}  // namespace detail

/// Throws `argument_error`, which names the first element, if a target is outside the loss's `targets` or NaN. `trainer` checks
/// each data set once; `value`, `gradient` and the like compute with any target, as fast as they can: call this for targets of
/// uncertain origin.
///
///     fovea::check_targets(backend, fovea::sigmoid_focal_loss{}, targets);
template <backend B, class L, real_tensor Y> void check_targets(B const& b, L const&, Y const& targets) {
  if constexpr (requires { L::targets; })
    if (auto const wrong = detail::first_outside(b, L::targets.lowest, L::targets.highest, targets))
      throw argument_error(detail::outside_message("check_targets", L::targets, wrong->value) + " at element " +
                           std::to_string(wrong->index));
}
template <class L, real_tensor Y> void check_targets(L const& loss, Y const& targets) {
  fovea::check_targets(backend_of<Y>{}, loss, targets);
}

}  // namespace fovea
