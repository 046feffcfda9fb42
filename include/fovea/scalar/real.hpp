// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <fovea/scalar/math.hpp>

namespace fovea {

/// A type that is default-constructible, copyable and assignable. `std::semiregular` would instantiate a hundred templates per type.
template <class V>
concept copyable_value = requires(V& a, V const& b) {
  V();
  V(b);
  a = b;
};

/// A number type on which a loss, an activation or an update rule can be evaluated: float, double, a dual number, a SIMD
/// batch.
///
/// Laws: arithmetic follows IEEE 754 in each lane; `select` accepts the result of a comparison, and the value that it
/// rejects in a lane does not affect that lane's result, even if it is NaN.
/// Counter-example: int, which cannot hold a quotient or an exponential.
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
