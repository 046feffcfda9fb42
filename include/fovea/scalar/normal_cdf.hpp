// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/scalar/dual.hpp>

namespace fovea {

namespace adl {

using std::erfc;
template <class T> FOVEA_HD constexpr auto erfc_(T const& x) { return erfc(x); }

}  // namespace adl

namespace math {

/// Returns the probability that a standard normal number is less than x. Its relative error grows with x^2 where x is negative.
template <class T> FOVEA_HD constexpr T normal_cdf(T const& x) {
  using V = autodiff::primal_of<T>;
  V const v = (math::min)((math::max)(autodiff::primal(x), V(-40)), V(40));  // beyond, it is 0 or 1
  auto const slope = [&] { return math::constant<V>(0.39894228040143268) * math::exp(V(-0.5f) * v * v); };
  return autodiff::with_derivatives(x, V(0.5f) * adl::erfc_(math::constant<V>(-0.70710678118654752) * v), slope,
                                    [&] { return -v * slope(); });
}

}  // namespace math
}  // namespace fovea
