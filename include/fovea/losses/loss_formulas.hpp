// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

/// The named function objects that carry a loss over tensors. Weights, mask and scale are folded into the formula, so that
/// value, gradient and Hessian need no form of their own.
namespace fovea::formulas {

struct times_weight {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const& weight) const {
    return loss * weight;
  }
};
struct over_count {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const& count) const {
    return loss * (X(1) / count);
  }
};
/// Selects, so that nothing of a masked element is left, NaN included.
struct where_unmasked {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const& mask) const {
    return math::select(mask == X(0), Z(X(0)), loss);
  }
};

/// scale times the loss, then each role with its operand, in order.
template <class L, class... Roles> struct weighed {
  L loss;
  double scale;
  template <class Z, class Y, class... X> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y, X const&... x) const {
    Z result = loss(z, y) * math::constant<Y>(scale);
    ((result = Roles{}(result, x)), ...);
    return result;
  }
};

/// What one element adds to the count: 1, through those roles.
template <class... Roles> struct counted {
  template <class Z, class... X> FOVEA_HD constexpr Z operator()(Z const&, X const&... x) const {
    Z result(1);
    ((result = Roles{}(result, x)), ...);
    return result;
  }
};

template <class F> struct store_value {
  F f;
  template <class Z, class... X> FOVEA_HD constexpr Z operator()(Z const& z, Z& value, X const&... x) const {
    return value = f(z, x...);
  }
};
template <class F> struct store_slope {
  F f;
  template <class Z, class... X> FOVEA_HD constexpr Z operator()(Z const& z, Z& slope, X const&... x) const {
    auto const d = value_and_slope(f, z, x...);
    slope = d.slope;
    return d.value;
  }
};
template <class F> struct store_curvature {
  F f;
  template <class Z, class... X>
  FOVEA_HD constexpr Z operator()(Z const& z, Z& slope, Z& curvature, X const&... x) const {
    auto const j = value_slope_and_curvature(f, z, x...);
    slope = j.slope;
    curvature = j.curvature;
    return j.value;
  }
};

}  // namespace fovea::formulas
