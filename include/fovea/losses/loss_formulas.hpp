// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <tuple>

#include <fovea/losses/loss.hpp>

/// The function objects that evaluate a loss over tensors. Weights and mask are part of the formula, so that values, gradients
/// and Hessians treat them alike. The value is the sum of the losses, which the driver divides once at the end: a term that was
/// divided by n before the sum would lose digits among the denormals. Derivatives are per element, so the formula scales them.
namespace fovea::formulas {

/// A weight of 0 leaves nothing of a loss, even if that is infinite or NaN.
struct times_weight {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const& weight) const {
    return math::select(weight == X(0), Z(X(0)), loss * weight);
  }
  template <class X> FOVEA_HD static constexpr X share(X const& share, X const&) { return share; }
};
/// The divisor is counted: an operand. Nothing left of a loss has the gradient 0.
struct over_count {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const&) const { return loss; }
  template <class X> FOVEA_HD static constexpr X share(X const& share, X const& count) {
    return math::select(count == X(0), X(0), share / count);
  }
};
/// Selects instead of multiplying, because 0 times a masked NaN is NaN.
struct where_unmasked {
  template <class Z, class X> FOVEA_HD constexpr Z operator()(Z const& loss, X const& mask) const {
    return math::select(mask == X(0), Z(X(0)), loss);
  }
  template <class X> FOVEA_HD static constexpr X share(X const& share, X const&) { return share; }
};

/// The loss, to which each role is applied with its operand, in order; `share` is the factor of its derivatives.
template <class L, class... Roles> struct scaled_loss {
  L loss;
  double scale;
  template <class Z, class Y, class... X> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y, X const&... x) const {
    Z result = loss(z, y);
    ((result = Roles{}(result, x)), ...);
    return result;
  }
  template <class Y, class... X> FOVEA_HD constexpr Y share(Y const&, X const&... x) const {
    Y result = math::constant<Y>(scale);
    ((result = Roles::share(result, x)), ...);
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

/// Returns the mean of losses; where nothing is left of them, or their weights sum to 0, it is 0, as the gradient is.
FOVEA_HD constexpr double mean_of(double sum, double divisor) {
  return divisor == 0 && sum - sum == 0 ? 0 : sum / divisor;
}
struct divide {
  double const *sum, *divisor;
  double* destination;
  FOVEA_HD constexpr void operator()(std::size_t) const { *destination = formulas::mean_of(*sum, *divisor); }
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
    auto const d = fovea::value_and_slope(f, z, x...);
    slope = d.slope * f.share(x...);
    return d.value;
  }
};
template <class F> struct store_curvature {
  F f;
  template <class Z, class... X>
  FOVEA_HD constexpr Z operator()(Z const& z, Z& slope, Z& curvature, X const&... x) const {
    auto const j = fovea::value_slope_and_curvature(f, z, x...);
    Z const share = f.share(x...);
    slope = j.slope * share;
    curvature = j.curvature * share;
    return j.value;
  }
};

}  // namespace fovea::formulas

namespace fovea::detail {

// Not an alias template: nvcc loses the pack if the alias drops its second parameter.
template <class Role, class> struct each_is {
  using type = Role;
};

/// Return the complete formula: `scaled` if the divisor is known, `divided` if it is counted; `count` returns the formula
/// of one element's contribution to the counted divisor.
template <class L, class... W, class... M>
auto scaled(L const& loss, double scale, std::tuple<W...> const&, std::tuple<M...> const&) {
  using namespace formulas;
  return scaled_loss<L, typename each_is<times_weight, W>::type..., typename each_is<where_unmasked, M>::type...>{
      loss, scale};
}
template <class L, class... W, class... M>
auto divided(L const& loss, std::tuple<W...> const&, std::tuple<M...> const&) {
  using namespace formulas;
  return scaled_loss<L, typename each_is<times_weight, W>::type..., over_count,
                     typename each_is<where_unmasked, M>::type...>{loss, 1};
}
template <class... W, class... M> auto count(std::tuple<W...> const&, std::tuple<M...> const&) {
  using namespace formulas;
  return counted<typename each_is<times_weight, W>::type..., typename each_is<where_unmasked, M>::type...>{};
}

}  // namespace fovea::detail
