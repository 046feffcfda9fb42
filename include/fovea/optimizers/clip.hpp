// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

/// Transforms that bound the gradient, for a `chain`.
namespace fovea {

/// Scales gradients so that their norm is at most `max_norm`. Pascanu et al., "On the difficulty of training recurrent neural
/// networks" (2013).
template <bool PerTensor> struct clip_norm {
  double max_norm = 1;

  static constexpr std::size_t state_count = 0;
  static constexpr bool per_tensor = PerTensor;
  struct coefficients {
    double scale;
  };
  template <class T> FOVEA_HD constexpr T measure(T const&, T const& g) const { return g * g; }
  FOVEA_HD coefficients coefficients_at(double, double sum) const {
    double const scale = max_norm / (std::sqrt(sum) + 1e-6);  // as PyTorch does
    return {scale > 1 ? 1 : scale};
  }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const& c, T&, T& slope) const {
    slope = slope * math::constant<T>(c.scale);
  }
  void validate() const {
    require(max_norm > 0 && max_norm <= 1e30,
            PerTensor ? "clip_by_norm: max_norm must be finite and above 0"
                      : "clip_by_global_norm: max_norm must be finite and above 0",
            max_norm);
  }
};
/// The norm of all parameters together: PyTorch's clip_grad_norm_, optax's clip_by_global_norm.
using clip_by_global_norm = clip_norm<false>;
/// The norm of each parameter tensor on its own: Keras's clipnorm.
using clip_by_norm = clip_norm<true>;
static_assert(optimizer<clip_by_global_norm> && optimizer<clip_by_norm>);

/// Bounds each number of the gradient to [-max_value, max_value]. PyTorch's clip_grad_value_, optax's clip.
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
};
static_assert(optimizer<clip_by_value>);

}  // namespace fovea
