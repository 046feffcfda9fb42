// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <fovea/scalar/real.hpp>

/// A separate namespace: the functions below are found by argument-dependent lookup, and some, such as `tanh`, would
/// otherwise clash with a layer of the same name.
namespace fovea::autodiff {

/// A number with its derivative along one direction: forward-mode automatic differentiation.
template <class T> struct dual {
  using value_type = scalar_of<T>;
  static constexpr int order = 1;

  T value{};
  T slope{};

  constexpr dual() = default;
  FOVEA_HD constexpr dual(T const& v, T const& s = T(0)) : value(v), slope(s) {}

  FOVEA_HD friend constexpr dual operator-(dual const& a) { return {-a.value, -a.slope}; }
  FOVEA_HD friend constexpr dual operator+(dual const& a, dual const& b) {
    return {a.value + b.value, a.slope + b.slope};
  }
  FOVEA_HD friend constexpr dual operator-(dual const& a, dual const& b) {
    return {a.value - b.value, a.slope - b.slope};
  }
  FOVEA_HD friend constexpr dual operator*(dual const& a, dual const& b) {
    return {a.value * b.value, a.slope * b.value + a.value * b.slope};
  }
  FOVEA_HD friend constexpr dual operator/(dual const& a, dual const& b) {
    T const q = a.value / b.value;
    return {q, (a.slope - q * b.slope) / b.value};
  }
  // Overloads for constants: as a dual, a constant would multiply an infinite value by its zero slope, which is NaN.
  FOVEA_HD friend constexpr dual operator+(dual const& a, T const& b) { return {a.value + b, a.slope}; }
  FOVEA_HD friend constexpr dual operator+(T const& a, dual const& b) { return {a + b.value, b.slope}; }
  FOVEA_HD friend constexpr dual operator-(dual const& a, T const& b) { return {a.value - b, a.slope}; }
  FOVEA_HD friend constexpr dual operator-(T const& a, dual const& b) { return {a - b.value, -b.slope}; }
  FOVEA_HD friend constexpr dual operator*(dual const& a, T const& b) { return {a.value * b, a.slope * b}; }
  FOVEA_HD friend constexpr dual operator*(T const& a, dual const& b) { return {a * b.value, a * b.slope}; }
  FOVEA_HD friend constexpr dual operator/(dual const& a, T const& b) { return {a.value / b, a.slope / b}; }

  FOVEA_HD friend constexpr auto operator<(dual const& a, dual const& b) { return a.value < b.value; }
  FOVEA_HD friend constexpr auto operator>(dual const& a, dual const& b) { return a.value > b.value; }
  FOVEA_HD friend constexpr auto operator<=(dual const& a, dual const& b) { return a.value <= b.value; }
  FOVEA_HD friend constexpr auto operator>=(dual const& a, dual const& b) { return a.value >= b.value; }
  FOVEA_HD friend constexpr auto operator==(dual const& a, dual const& b) { return a.value == b.value; }

  template <class C> FOVEA_HD friend constexpr dual select(C const& condition, dual const& a, dual const& b) {
    return {math::select(condition, a.value, b.value), math::select(condition, a.slope, b.slope)};
  }
};

/// A number with its first and second derivatives along one direction (a 2-jet). A dual of duals would compute the slope
/// twice.
template <class T> struct dual2 {
  using value_type = scalar_of<T>;
  static constexpr int order = 2;

  T value{};
  T slope{};
  T curvature{};

  constexpr dual2() = default;
  FOVEA_HD constexpr dual2(T const& v, T const& s = T(0), T const& c = T(0)) : value(v), slope(s), curvature(c) {}

  FOVEA_HD friend constexpr dual2 operator-(dual2 const& a) { return {-a.value, -a.slope, -a.curvature}; }
  FOVEA_HD friend constexpr dual2 operator+(dual2 const& a, dual2 const& b) {
    return {a.value + b.value, a.slope + b.slope, a.curvature + b.curvature};
  }
  FOVEA_HD friend constexpr dual2 operator-(dual2 const& a, dual2 const& b) {
    return {a.value - b.value, a.slope - b.slope, a.curvature - b.curvature};
  }
  FOVEA_HD friend constexpr dual2 operator*(dual2 const& a, dual2 const& b) {
    return {a.value * b.value, a.slope * b.value + a.value * b.slope,
            a.curvature * b.value + T(2) * (a.slope * b.slope) + a.value * b.curvature};
  }
  FOVEA_HD friend constexpr dual2 operator/(dual2 const& a, dual2 const& b) {
    T const q = a.value / b.value;
    T const s = (a.slope - q * b.slope) / b.value;
    return {q, s, (a.curvature - T(2) * (s * b.slope) - q * b.curvature) / b.value};
  }
  FOVEA_HD friend constexpr dual2 operator+(dual2 const& a, T const& b) { return {a.value + b, a.slope, a.curvature}; }
  FOVEA_HD friend constexpr dual2 operator+(T const& a, dual2 const& b) { return {a + b.value, b.slope, b.curvature}; }
  FOVEA_HD friend constexpr dual2 operator-(dual2 const& a, T const& b) { return {a.value - b, a.slope, a.curvature}; }
  FOVEA_HD friend constexpr dual2 operator-(T const& a, dual2 const& b) {
    return {a - b.value, -b.slope, -b.curvature};
  }
  FOVEA_HD friend constexpr dual2 operator*(dual2 const& a, T const& b) {
    return {a.value * b, a.slope * b, a.curvature * b};
  }
  FOVEA_HD friend constexpr dual2 operator*(T const& a, dual2 const& b) {
    return {a * b.value, a * b.slope, a * b.curvature};
  }
  FOVEA_HD friend constexpr dual2 operator/(dual2 const& a, T const& b) {
    return {a.value / b, a.slope / b, a.curvature / b};
  }

  FOVEA_HD friend constexpr auto operator<(dual2 const& a, dual2 const& b) { return a.value < b.value; }
  FOVEA_HD friend constexpr auto operator>(dual2 const& a, dual2 const& b) { return a.value > b.value; }
  FOVEA_HD friend constexpr auto operator<=(dual2 const& a, dual2 const& b) { return a.value <= b.value; }
  FOVEA_HD friend constexpr auto operator>=(dual2 const& a, dual2 const& b) { return a.value >= b.value; }
  FOVEA_HD friend constexpr auto operator==(dual2 const& a, dual2 const& b) { return a.value == b.value; }

  template <class C> FOVEA_HD friend constexpr dual2 select(C const& condition, dual2 const& a, dual2 const& b) {
    return {math::select(condition, a.value, b.value), math::select(condition, a.slope, b.slope),
            math::select(condition, a.curvature, b.curvature)};
  }
};

/// A number that carries derivatives: a `dual` or a `dual2`.
template <class T>
concept differentiating = requires { T::order; } && (T::order == 1 || T::order == 2);

/// Returns a number that carries no derivatives as it is.
template <class T> FOVEA_HD constexpr T const& primal(T const& x) { return x; }
/// Returns the value of a number that carries derivatives.
template <differentiating T> FOVEA_HD constexpr auto const& primal(T const& x) { return x.value; }

/// Returns f(x) with the derivatives that T carries, by the chain rule. `value` is f at `primal(x)`; `slope()` and
/// `curvature()` return the first and second derivative of f there, and are called only if T carries them.
///
///     auto const e = math::exp(primal(x));
///     return with_derivatives(x, e, [&] { return e; }, [&] { return e; });  // exp(x)
template <class T, class Value, class Slope, class Curvature>
FOVEA_HD constexpr T with_derivatives(T const& x, Value const& value, Slope const& slope, Curvature const& curvature) {
  if constexpr (!differentiating<T>) {
    return value;
  } else if constexpr (T::order == 1) {
    return {value, slope() * x.slope};
  } else {
    auto const s = slope();
    return {value, s * x.slope, curvature() * (x.slope * x.slope) + s * x.curvature};
  }
}

/// The type of `primal(x)`.
template <class T> using primal_of = std::remove_cvref_t<decltype(primal(std::declval<T const&>()))>;

/// Returns math::exp with the derivatives that x carries.
template <differentiating T> FOVEA_HD constexpr T exp(T const& x) {
  auto const e = math::exp(x.value);
  return with_derivatives(
      x, e, [&] { return e; }, [&] { return e; });
}
/// Returns math::expm1 with the derivatives that x carries.
template <differentiating T, class V = primal_of<T>> FOVEA_HD constexpr T expm1(T const& x) {
  V const e = math::expm1(x.value);
  auto const slope = [&] { return e + V(1); };
  return with_derivatives(x, e, slope, slope);
}
/// Returns math::log with the derivatives that x carries.
template <differentiating T, class V = primal_of<T>> FOVEA_HD constexpr T log(T const& x) {
  V const r = V(1) / x.value;
  return with_derivatives(
      x, math::log(x.value), [&] { return r; }, [&] { return -r * r; });
}
/// Returns math::log1p with the derivatives that x carries.
template <differentiating T, class V = primal_of<T>> FOVEA_HD constexpr T log1p(T const& x) {
  V const r = V(1) / (V(1) + x.value);
  return with_derivatives(
      x, math::log1p(x.value), [&] { return r; }, [&] { return -r * r; });
}
/// Returns math::sqrt with the derivatives that x carries.
template <differentiating T, class V = primal_of<T>> FOVEA_HD constexpr T sqrt(T const& x) {
  V const root = math::sqrt(x.value);
  auto const slope = [&] { return V(0.5f) / root; };
  return with_derivatives(x, root, slope, [&] { return V(-0.5f) * slope() / x.value; });
}
/// Returns math::pow with the derivatives that x carries.
template <differentiating T, class V = primal_of<T>> FOVEA_HD constexpr T pow(T const& x, double e) {
  auto const power = [&](double of) { return math::pow(x.value, of); };
  return with_derivatives(
      x, power(e), [&] { return math::constant<V>(e) * power(e - 1); },
      [&] { return math::constant<V>(e * (e - 1)) * power(e - 2); });
}
/// Returns math::tanh with the derivatives that x carries.
template <differentiating T, class V = primal_of<T>> FOVEA_HD constexpr T tanh(T const& x) {
  V const t = math::tanh(x.value);
  auto const slope = [&] { return V(1) - t * t; };
  return with_derivatives(x, t, slope, [&] { return V(-2) * t * slope(); });
}
/// Returns math::abs with the derivatives that x carries.
template <differentiating T> FOVEA_HD constexpr T abs(T const& x) { return select(x.value < primal_of<T>(0), -x, x); }

}  // namespace fovea::autodiff

namespace fovea {

using autodiff::dual;
using autodiff::dual2;

static_assert(real<dual<float>> && real<dual<double>> && real<dual2<float>> && real<dual2<double>>);

/// Returns f(x, rest...) and its derivative with respect to x; the other arguments are constants.
///
///     auto const d = fovea::value_and_slope([](auto x) { return x * x; }, 3.0);  // d.value == 9, d.slope == 6
template <class F, class T, class... Rest>
FOVEA_HD constexpr dual<T> value_and_slope(F const& f, T const& x, Rest const&... rest) {
  return f(dual<T>(x, T(1)), rest...);
}

/// Returns f(x, rest...) and its first two derivatives with respect to x; the other arguments are constants.
template <class F, class T, class... Rest>
FOVEA_HD constexpr dual2<T> value_slope_and_curvature(F const& f, T const& x, Rest const&... rest) {
  return f(dual2<T>(x, T(1)), rest...);
}

}  // namespace fovea
