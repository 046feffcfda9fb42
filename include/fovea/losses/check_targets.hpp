// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <string>

#include <fovea/losses/loss.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/first_outside.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

namespace detail {

inline std::string outside_message(char const* who, char const* what, target_range range, double found) {
  auto const low = detail::to_shortest(range.lowest), high = detail::to_shortest(range.highest);
  return std::string(who) + ": the loss takes " + what +
         (range.ends_only ? " of " + low + " or " + high : " in [" + low + ", " + high + "]") + ", got " +
         detail::to_shortest(found);
}

/// Throws `numeric_error` if an option is a weight that is not finite, and `argument_error` for a negative one; `place(i)` says
/// which element i is.
template <class B, class O, class Place>
void check_weights(B const& b, char const* who, O const& option, Place const& place) {
  if constexpr (is_weights<O> || is_sample_weights<O>) {
    using W = value_of<decltype(option.tensor)>;
    auto const wrong = detail::first_outside(b, 0, static_cast<double>((std::numeric_limits<W>::max)()), option.tensor);
    if (!wrong) return;
    auto const message = std::string(who) + ": " + option_noun<O> + " must be finite and not negative, got " +
                         detail::to_shortest(wrong->value) + place(wrong->index);
    if (detail::is_finite(wrong->value)) throw argument_error(message);
    throw numeric_error(message);
  }
}

}  // namespace detail

/// Throws `argument_error`, which names the first element, if a target is outside the loss's `targets` or NaN, or if a weight among
/// the options is negative; `numeric_error` for a weight that is not finite. `trainer` checks each data set once; `value`, `gradient`,
/// `step` and the like compute with any numbers, as fast as they can: call this for targets and weights of uncertain origin.
///
///     fovea::check_targets(backend, fovea::sigmoid_focal_loss{}, targets, fovea::sample_weights(w));
template <backend B, class L, real_tensor Y, loss_option... Options>
void check_targets(B const& b, L const&, Y const& targets, Options const&... options) {
  auto const place = [](std::size_t index) { return " at element " + std::to_string(index); };
  if constexpr (requires { L::targets; })
    if (auto const wrong =
            detail::first_outside(b, L::targets.lowest, L::targets.highest, targets, L::targets.ends_only))
      throw argument_error(detail::outside_message("check_targets", "targets", L::targets, wrong->value) +
                           place(wrong->index));
  (detail::check_weights(b, "check_targets", options, place), ...);
}
template <class L, real_tensor Y, loss_option... Options>
void check_targets(L const& loss, Y const& targets, Options const&... options) {
  fovea::check_targets(backend_of<Y>{}, loss, targets, options...);
}

/// Throws `argument_error`, which names the first element, if a prediction is outside the loss's `predictions` or NaN.
///
///     fovea::check_predictions(fovea::binary_cross_entropy{}, probabilities);
template <backend B, class L, real_tensor Z> void check_predictions(B const& b, L const&, Z const& predictions) {
  if constexpr (requires { L::predictions; })
    if (auto const wrong = detail::first_outside(b, L::predictions.lowest, L::predictions.highest, predictions))
      throw argument_error(detail::outside_message("check_predictions", "predictions", L::predictions, wrong->value) +
                           " at element " + std::to_string(wrong->index));
}
template <class L, real_tensor Z> void check_predictions(L const& loss, Z const& predictions) {
  fovea::check_predictions(backend_of<Z>{}, loss, predictions);
}

}  // namespace fovea
