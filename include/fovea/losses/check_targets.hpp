// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/losses/loss.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

namespace formulas {

/// Returns 1 for a number outside the range or NaN, else 0.
struct outside {
  target_range range;
  template <class Y> FOVEA_HD constexpr Y operator()(Y const& y) const {
    return math::select(y >= math::constant<Y>(range.lowest),
                        math::select(y <= math::constant<Y>(range.highest), Y(0), Y(1)), Y(1));
  }
  template <class Y> FOVEA_HD constexpr Y operator()(Y const&, Y const& y) const { return (*this)(y); }
};

}  // namespace formulas

namespace detail {

struct found_number {
  std::size_t index;
  double value;
};

/// Returns the first of the tensor's numbers outside the range, or NaN. Copies the numbers to the host only if there is one.
template <backend B, tensor Y> std::optional<found_number> first_outside(B const& b, target_range range, Y const& y) {
  using T = value_of<Y>;
  auto const n = fovea::size(y);
  if (n == 0) return std::nullopt;
  auto count = make_scalar<double>(b);
  if constexpr (real<T>)
    b.reduce(fovea::flat_domain(y), formulas::outside{range}, std::tuple{overall{count.data()}},
             each<T const>{fovea::data(y)});
  else  // integers are converted to the type that the column's index sets
    b.reduce(domain<dynamic, 1>({n, 1}), formulas::outside{range}, std::tuple{overall{count.data()}},
             column_index<double>{}, each<T const>{fovea::data(y)});
  if (b.read(count) == 0) return std::nullopt;
  std::vector<T> all(n);
  b.copy(fovea::data(y), all.data(), n);
  b.synchronize();
  for (std::size_t i = 0; i != n; ++i)
    if (auto const value = static_cast<double>(all[i]); !(value >= range.lowest && value <= range.highest))
      return found_number{i, value};
  return std::nullopt;
}

inline std::string outside_message(char const* who, target_range range, double value) {
  return std::string(who) + ": the loss takes targets in [" + detail::to_shortest(range.lowest) + ", " +
         detail::to_shortest(range.highest) + "], got " + detail::to_shortest(value);
}

}  // namespace detail

/// Throws `argument_error`, which names the first element, if a target is outside the loss's `targets` or NaN. `trainer` checks
/// each data set once; `value`, `gradient` and the like compute with any target, as fast as they can: call this for targets of
/// uncertain origin.
///
///     fovea::check_targets(backend, fovea::sigmoid_focal_loss{}, targets);
template <backend B, class L, real_tensor Y> void check_targets(B const& b, L const&, Y const& targets) {
  if constexpr (requires { L::targets; })
    if (auto const wrong = detail::first_outside(b, L::targets, targets))
      throw argument_error(detail::outside_message("check_targets", L::targets, wrong->value) + " at element " +
                           std::to_string(wrong->index));
}
template <class L, real_tensor Y> void check_targets(L const& loss, Y const& targets) {
  fovea::check_targets(backend_of<Y>{}, loss, targets);
}

}  // namespace fovea
