// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <fovea/scalar/math.hpp>

namespace fovea {

/// A scalar that a loss, an activation or an update rule may be evaluated on: float, double, a dual number, a SIMD batch.
///
/// Laws: arithmetic is IEEE's, lane by lane; `select` takes what a comparison gives, and a lane it does not take has no
/// effect on the result, NaN included. Counter-example: int, whose division and exponential leave the type.
template <class T>
concept real = std::copyable<T> && requires(T a, T b) {
  typename scalar_of<T>;
  { a + b } -> std::convertible_to<T>;
  { a - b } -> std::convertible_to<T>;
  { a* b } -> std::convertible_to<T>;
  { a / b } -> std::convertible_to<T>;
  { -a } -> std::convertible_to<T>;
  { math::exp(a) } -> std::convertible_to<T>;
  { math::expm1(a) } -> std::convertible_to<T>;
  { math::log(a) } -> std::convertible_to<T>;
  { math::log1p(a) } -> std::convertible_to<T>;
  { math::sqrt(a) } -> std::convertible_to<T>;
  { math::tanh(a) } -> std::convertible_to<T>;
  { math::abs(a) } -> std::convertible_to<T>;
  { math::select(a > b, a, b) } -> std::convertible_to<T>;
  { math::any(a < b) } -> std::same_as<bool>;
};

static_assert(real<float> && real<double>);

}  // namespace fovea
