// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/scalar/primitives.hpp>

namespace fovea {

/// What `rmsprop` and `centered_rmsprop` share.
template <bool Centered> struct rmsprop_rule {
  double learning_rate = 1e-2, alpha = 0.99, epsilon = 1e-8, weight_decay = 0, momentum = 0;

  static constexpr std::size_t state_count = Centered ? 3 : 2;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }

  template <real T, class... Mean>
  FOVEA_HD constexpr void operator()(coefficients const&, T& parameter, T const& slope, T& squares, T& velocity,
                                     Mean&... mean) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter, share = math::constant<T>(1 - alpha);
    squares = squares + share * (g * g - squares);
    squares = math::without_denormals(squares, detail::least_square<scalar_of<T>>(epsilon));
    T variance = squares;
    ((mean = math::without_denormals(mean + share * (g - mean)), variance = math::relu(squares - mean * mean)), ...);
    velocity = math::constant<T>(momentum) * velocity + g / (math::sqrt(variance) + math::constant<T>(epsilon));
    velocity = math::without_denormals(velocity);
    parameter = parameter - math::constant<T>(learning_rate) * velocity;
  }
  void validate() const {
    detail::require_not_negative("rmsprop", "learning_rate", learning_rate);
    detail::require_share("rmsprop", "alpha", alpha);
    detail::require_not_negative("rmsprop", "epsilon", epsilon);
    detail::require_not_negative("rmsprop", "weight_decay", weight_decay);
    detail::require_not_negative("rmsprop", "momentum", momentum);
  }
  template <class T> void validate_in() const { detail::require_in<T>("rmsprop", "epsilon", epsilon); }
};

/// Divides the gradient by the root of the moving mean of its squares, with momentum: PyTorch's RMSprop. Hinton (2012).
///
///     fovea::trainer trainer{backend, net, loss, fovea::rmsprop{.learning_rate = 1e-3}};
using rmsprop = rmsprop_rule<false>;
/// Divides the gradient by the root of the moving variance of the gradient, with momentum: PyTorch's RMSprop(centered=True). Graves
/// (2013).
///
///     fovea::trainer trainer{backend, net, loss, fovea::centered_rmsprop{.learning_rate = 1e-3}};
using centered_rmsprop = rmsprop_rule<true>;
static_assert(optimizer<rmsprop> && optimizer<centered_rmsprop>);

}  // namespace fovea
