// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>

#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/storage.hpp>

namespace fovea {

namespace formulas {

/// Returns 1 for a number outside the closed interval, or with `ends_only` for one that is neither end, or NaN; else 0.
struct outside {
  double lowest, highest;
  bool ends_only = false;
  template <class Y> FOVEA_HD constexpr Y operator()(Y const& y) const {
    if (ends_only)
      return math::select(y == math::constant<Y>(lowest), Y(0),
                          math::select(y == math::constant<Y>(highest), Y(0), Y(1)));
    return math::select(y >= math::constant<Y>(lowest), math::select(y <= math::constant<Y>(highest), Y(0), Y(1)),
                        Y(1));
  }
  /// The same; the first argument only sets the type to compute in.
  template <class Y> FOVEA_HD constexpr Y operator()(Y const&, Y const& y) const { return (*this)(y); }
};

}  // namespace formulas

namespace detail {

struct found_number {
  std::size_t index;
  double value;
};

/// Returns the first of the tensor's numbers outside the closed interval, or that is neither of its ends, or NaN. Waits for the backend; copies the numbers to
/// the host only if there is one.
template <class B, tensor Y>
std::optional<found_number> first_outside(B const& b, double lowest, double highest, Y const& y,
                                          bool ends_only = false) {
  using T = value_of<Y>;
  auto const n = fovea::size(y);
  T const* const from = fovea::data(y);
  if (n == 0) return std::nullopt;
  auto count = fovea::make_scalar<double>(b);
  formulas::outside const formula{lowest, highest, ends_only};
  if constexpr (real<T>) b.reduce(fovea::flat_domain(y), formula, std::tuple{overall{count.data()}}, each{from});
  else  // integers are converted to the type that the column's index sets
    b.reduce(domain<dynamic, 1>({n, 1}), formula, std::tuple{overall{count.data()}}, column_index<double>{},
             each{from});
  if (b.read(count) == 0) return std::nullopt;
  auto const all = detail::on_host(b, from, n);
  for (std::size_t i = 0; i != n; ++i)
    if (auto const found = static_cast<double>(all[i]);
        !(ends_only ? found == lowest || found == highest : found >= lowest && found <= highest))
      return found_number{i, found};
  return std::nullopt;
}

}  // namespace detail

}  // namespace fovea
