// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include <fovea/config.hpp>

/// Dispatches `math::f(x)` to the `f` of x's type: the standard library's for float and double, otherwise the one that
/// argument-dependent lookup finds (for a SIMD batch or a dual number).
namespace fovea::adl {

using std::abs;
using std::exp;
using std::expm1;
using std::log;
using std::log1p;
using std::pow;
using std::sqrt;
using std::tanh;

template <std::floating_point T> FOVEA_HD constexpr T select(bool condition, T a, T b) { return condition ? a : b; }
FOVEA_HD constexpr bool any(bool condition) { return condition; }

template <class T> FOVEA_HD constexpr auto abs_(T const& x) { return abs(x); }
template <class T> FOVEA_HD constexpr auto exp_(T const& x) { return exp(x); }
template <class T> FOVEA_HD constexpr auto expm1_(T const& x) { return expm1(x); }
template <class T> FOVEA_HD constexpr auto log_(T const& x) { return log(x); }
template <class T> FOVEA_HD constexpr auto log1p_(T const& x) { return log1p(x); }
template <class T, class E>
  requires requires(T const& x, E const& e) { pow(x, e); }
FOVEA_HD constexpr auto pow_(T const& x, E const& e) {
  return pow(x, e);
}
template <class T> FOVEA_HD constexpr auto sqrt_(T const& x) { return sqrt(x); }
template <class T> FOVEA_HD constexpr auto tanh_(T const& x) { return tanh(x); }
template <class C, class T> FOVEA_HD constexpr auto select_(C const& c, T const& a, T const& b) {
  return select(c, a, b);
}
template <class C> FOVEA_HD constexpr bool any_(C const& c) { return any(c); }

/// Functions that a type may replace by faster or more accurate ones; specialized for SIMD batches.
template <class T> struct elementary {
  FOVEA_HD static constexpr T exp(T const& x) { return exp_(x); }
  FOVEA_HD static constexpr T log(T const& x) { return log_(x); }
  /// Returns a b + c, rounded once.
  FOVEA_HD static constexpr T fma(T const& a, T const& b, T const& c) {
    using std::fma;
    return fma(a, b, c);
  }
  FOVEA_HD static constexpr T(max)(T const& x, T const& bound) { return select_(x < bound, bound, x); }
  FOVEA_HD static constexpr T(min)(T const& x, T const& bound) { return select_(bound < x, bound, x); }
  /// Returns a b + c, rounded once or twice, whichever is faster.
  FOVEA_HD static constexpr T multiply_add(T const& a, T const& b, T const& c) { return a * b + c; }
};

template <class T> struct scalar {};
template <std::floating_point T> struct scalar<T> {
  using type = T;
};
template <class T>
  requires requires { typename T::value_type; }
struct scalar<T> {
  using type = typename T::value_type;
};

}  // namespace fovea::adl

namespace fovea {

/// The floating-point type underlying T: float for float, for a SIMD batch of floats and for a dual of either.
template <class T> using scalar_of = typename adl::scalar<T>::type;

/// The largest finite number as a constant: device code cannot call the functions of std::numeric_limits.
template <class T> inline constexpr T largest_finite = (std::numeric_limits<T>::max)();

namespace math {

/// Returns |x|.
template <class T> FOVEA_HD constexpr T abs(T const& x) { return adl::abs_(x); }
/// Returns e to the power x.
template <class T> FOVEA_HD constexpr T exp(T const& x) { return adl::elementary<T>::exp(x); }
/// Returns exp(x) - 1, accurate near 0.
template <class T> FOVEA_HD constexpr T expm1(T const& x) { return adl::expm1_(x); }
/// Returns the natural logarithm of x.
template <class T> FOVEA_HD constexpr T log(T const& x) { return adl::elementary<T>::log(x); }
/// Returns log(1 + x), accurate near 0.
template <class T> FOVEA_HD constexpr T log1p(T const& x) { return adl::log1p_(x); }
/// Returns the square root of x.
template <class T> FOVEA_HD constexpr T sqrt(T const& x) { return adl::sqrt_(x); }
/// Returns the hyperbolic tangent of x.
template <class T> FOVEA_HD constexpr T tanh(T const& x) { return adl::tanh_(x); }
/// Returns a b + c, rounded once.
template <class T> FOVEA_HD constexpr T fma(T const& a, T const& b, T const& c) {
  return adl::elementary<T>::fma(a, b, c);
}

/// Returns the hyper-parameter x, rounded to the scalar type of T, as a T.
template <class T> FOVEA_HD constexpr T constant(double x) { return T(static_cast<scalar_of<T>>(x)); }

/// Returns c0 + c1 x + c2 x^2 + ..., by Horner's rule.
template <class T> FOVEA_HD constexpr T polynomial(T const&, double c0) { return math::constant<T>(c0); }
template <class T, class... C> FOVEA_HD constexpr T polynomial(T const& x, double c0, C... rest) {
  return adl::elementary<T>::multiply_add(math::polynomial(x, rest...), x, math::constant<T>(c0));
}

/// Returns a where the condition holds, else b. Formulas call this instead of `?:` or `if`: a SIMD mask is not a bool.
template <class C, class T> FOVEA_HD constexpr T select(C const& condition, T const& a, T const& b) {
  return adl::select_(condition, a, b);
}
/// True if the condition holds in any lane, so that a formula can skip work that no lane needs.
template <class C> FOVEA_HD constexpr bool any(C const& condition) { return adl::any_(condition); }

/// Returns the rounding error x - `constant<T>(x)`, which is zero in double.
template <class T> FOVEA_HD constexpr T constant_error(double x) {
  return constant<T>(x - static_cast<double>(static_cast<scalar_of<T>>(x)));
}

/// Returns the larger of x and the bound; returns NaN if x is NaN.
template <class T> FOVEA_HD constexpr T(max)(T const& x, T const& bound) { return (adl::elementary<T>::max)(x, bound); }
/// Returns the smaller of x and the bound; returns NaN if x is NaN.
template <class T> FOVEA_HD constexpr T(min)(T const& x, T const& bound) { return (adl::elementary<T>::min)(x, bound); }

/// Returns x to the power e; for x < 0, NaN unless e is a whole number.
template <class T> FOVEA_HD constexpr T pow(T const& x, double e) {
  if constexpr (requires { adl::elementary<T>::pow(x, e); }) return adl::elementary<T>::pow(x, e);
  else if constexpr (requires {
                       { adl::pow_(x, e) } -> std::same_as<T>;
                     })
    return adl::pow_(x, e);
  else return adl::pow_(x, constant<T>(e));
}

}  // namespace math
}  // namespace fovea
