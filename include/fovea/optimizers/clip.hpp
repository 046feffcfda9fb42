// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

/// Transforms that bound the gradient, for a `chain`.
namespace fovea {

/// Scales gradients so that their norm is at most `max_norm`; infinity leaves them. Pascanu et al., "On the difficulty of training recurrent neural
/// networks" (2013).
template <bool PerTensor> struct clip_norm {
  double max_norm = 1;

  static constexpr std::size_t state_count = 0;
  static constexpr bool per_tensor = PerTensor;
  struct coefficients {
    double scale;
  };
  template <class T> FOVEA_HD constexpr T measure(T const&, T const& g) const { return g * g; }
  /// True if no norm is too large, so that none needs to be measured.
  bool measures_nothing() const { return max_norm == std::numeric_limits<double>::infinity(); }
  FOVEA_HD coefficients coefficients_at(double, double sum) const {
    double const scale = max_norm / (std::sqrt(sum) + 1e-6);  // as PyTorch does
    return {scale > 1 ? 1 : scale};
  }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const& c, T&, T& slope) const {
    slope = slope * math::constant<T>(c.scale);
  }
  void validate() const {
    require(max_norm > 0 && (max_norm <= 1e30 || measures_nothing()),
            PerTensor ? "clip_by_norm: max_norm must be above 0, and at most 1e30 or infinite"
                      : "clip_by_global_norm: max_norm must be above 0, and at most 1e30 or infinite",
            max_norm);
  }
};
/// Scales the gradients of all parameters so that their norm together is at most `max_norm`: PyTorch's clip_grad_norm_, optax's clip_by_global_norm.
using clip_by_global_norm = clip_norm<false>;
/// Scales the gradient of each parameter tensor so that its norm is at most `max_norm`: Keras's clipnorm.
///
///     fovea::chain{fovea::clip_by_norm{1}, fovea::sgd{.learning_rate = 0.1}};
using clip_by_norm = clip_norm<true>;
static_assert(optimizer<clip_by_global_norm> && optimizer<clip_by_norm>);

/// Bounds each number of the gradient to [-max_value, max_value]. PyTorch's clip_grad_value_, optax's clip.
///
///     fovea::chain{fovea::clip_by_value{1}, fovea::sgd{.learning_rate = 0.1}};
struct clip_by_value {
  double max_value = 1;

  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const&, T&, T& slope) const {
    slope = (math::min)((math::max)(slope, math::constant<T>(-max_value)), math::constant<T>(max_value));
  }
  void validate() const {
    require(max_value > 0 && max_value <= 1e30, "clip_by_value: max_value must be finite and above 0", max_value);
  }
  template <class T> void validate_in() const { detail::require_in<T>("clip_by_value", "max_value", max_value); }
};
static_assert(optimizer<clip_by_value>);

/// Scales the gradient of each unit so that its norm is at most `clipping` times that of the unit's parameters, or times `eps` if
/// that is larger. A unit is a row of a weight: what one output or channel is computed from; a vector is one unit. A link of a chain.
/// optax's adaptive_grad_clip; Brock et al., "High-performance large-scale image recognition without normalization" (2021).
///
///     fovea::chain{fovea::adaptive_gradient_clip{.clipping = 0.01}, fovea::sgd{.learning_rate = 0.1, .momentum = 0.9}};
struct adaptive_gradient_clip {
  double clipping = 0.01, eps = 1e-3;

  static constexpr std::size_t state_count = 1;  // the factor of the parameter's unit in this step
  static constexpr bool per_tensor = true;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  /// Returns the factor of a unit with these sums of squares.
  template <real T> FOVEA_HD constexpr T unit_scale(T const& parameters, T const& gradients) const {
    T const norm = math::sqrt(gradients);
    T const bound = math::constant<T>(clipping) * (math::max)(math::sqrt(parameters), math::constant<T>(eps));
    return math::select(norm < bound, T(1), bound / (math::max)(norm, math::constant<T>(1e-6)));
  }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const&, T&, T& slope, T const& scale) const {
    slope = slope * scale;
  }
  void validate() const {
    require(clipping > 0 && clipping <= 1e30, "adaptive_gradient_clip: clipping must be finite and above 0", clipping);
    require(eps > 0 && eps <= 1e30, "adaptive_gradient_clip: eps must be finite and above 0", eps);
  }
  template <class T> void validate_in() const {
    detail::require_in<T>("adaptive_gradient_clip", "clipping", clipping);
    detail::require_in<T>("adaptive_gradient_clip", "eps", eps);
  }
};
static_assert(optimizer<adaptive_gradient_clip> && scaling_units<adaptive_gradient_clip>);

}  // namespace fovea
