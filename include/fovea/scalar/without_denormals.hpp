// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <fovea/scalar/real.hpp>

namespace fovea::math {

/// The smallest normal number. Not a call of numeric_limits, which is a host function.
template <class T> inline constexpr double least_normal = double{(std::numeric_limits<T>::min)()};
/// Half the rounding error of 1.
template <class T> inline constexpr double half_rounding = 0.25 * double{std::numeric_limits<T>::epsilon()};

/// Returns x, but 0 if |x| is below the bound: the smallest normal number unless given. A moment of a unit without gradient, an
/// average and a running statistic decay to the denormal numbers, where they would stay and slow every step.
template <class T> FOVEA_HD constexpr T without_denormals(T const& x, double bound = least_normal<scalar_of<T>>) {
  return math::select(math::abs(x) < math::constant<T>(bound), T(0), x);
}

}  // namespace fovea::math
