// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

namespace math {

/// Returns log(cosh(x)), to full relative accuracy for every x.
template <class T> FOVEA_HD constexpr T log_cosh(T const& x) {
  using V = autodiff::primal_of<T>;
  V const size = math::abs(autodiff::primal(x)), t = math::tanh(autodiff::primal(x));
  logistic<V> const twice(V(2) * size);
  V const large = (size - math::constant<V>(0.69314718055994531)) + (-twice).softplus();
  V const near_zero = V(-0.5f) * math::log1p(-t * t);
  return autodiff::with_derivatives(
      x, math::select(size < V(1), near_zero, large), [&] { return t; },
      [&] { return V(4) * (twice.sigmoid() * (-twice).sigmoid()); });
}

}  // namespace math

/// The logarithm of the error's hyperbolic cosine: about half the squared error where it is small, about the absolute error less log(2)
/// where it is large. Keras's LogCosh, optax's log_cosh.
///
///     float const mean = fovea::value(fovea::log_cosh_loss{}, predictions, targets);
struct log_cosh_loss {
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    return math::log_cosh(x - y);
  }
};
static_assert(elementwise_loss<log_cosh_loss>);

}  // namespace fovea
