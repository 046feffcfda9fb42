// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

/// The function objects that evaluate a loss over tensors. Weights, mask and scale are part of the formula, so that values,
/// gradients and Hessians treat them alike without code of their own.
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
/// Selects instead of multiplying, because 0 times a masked NaN is NaN.
struct where_unmasked {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const& mask) const {
    return math::select(mask == X(0), Z(X(0)), loss);
  }
};

/// Returns scale times the loss, to which each role is then applied with its operand, in order.
template <class L, class... Roles> struct scaled_loss {
  L loss;
  double scale;
  template <class Z, class Y, class... X> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y, X const&... x) const {
    Z result = loss(z, y) * math::constant<Y>(scale);
    ((result = Roles{}(result, x)), ...);
    return result;
  }
};

/// Returns the contribution of one element to the divisor: 1, to which each role is applied with its operand.
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
