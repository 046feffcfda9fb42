// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <fovea/scalar/real.hpp>

/// A namespace of its own, so that the functions found by argument-dependent lookup share no name with a layer.
namespace fovea::autodiff {

/// A number with its derivative along one direction.
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
  // With a constant there is no product with a zero slope, which would be NaN where the other factor is infinite.
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

/// A number with its first and second derivative along one direction (a 2-jet): the slope is computed once, where a dual
/// of duals computes it twice.
template <class T> struct jet {
  using value_type = scalar_of<T>;
  static constexpr int order = 2;

  T value{};
  T slope{};
  T curvature{};

  constexpr jet() = default;
  FOVEA_HD constexpr jet(T const& v, T const& s = T(0), T const& c = T(0)) : value(v), slope(s), curvature(c) {}

  FOVEA_HD friend constexpr jet operator-(jet const& a) { return {-a.value, -a.slope, -a.curvature}; }
  FOVEA_HD friend constexpr jet operator+(jet const& a, jet const& b) {
    return {a.value + b.value, a.slope + b.slope, a.curvature + b.curvature};
  }
  FOVEA_HD friend constexpr jet operator-(jet const& a, jet const& b) {
    return {a.value - b.value, a.slope - b.slope, a.curvature - b.curvature};
  }
  FOVEA_HD friend constexpr jet operator*(jet const& a, jet const& b) {
    return {a.value * b.value, a.slope * b.value + a.value * b.slope,
            a.curvature * b.value + T(2) * (a.slope * b.slope) + a.value * b.curvature};
  }
  FOVEA_HD friend constexpr jet operator/(jet const& a, jet const& b) {
    T const q = a.value / b.value;
    T const s = (a.slope - q * b.slope) / b.value;
    return {q, s, (a.curvature - T(2) * (s * b.slope) - q * b.curvature) / b.value};
  }
  FOVEA_HD friend constexpr jet operator+(jet const& a, T const& b) { return {a.value + b, a.slope, a.curvature}; }
  FOVEA_HD friend constexpr jet operator+(T const& a, jet const& b) { return {a + b.value, b.slope, b.curvature}; }
  FOVEA_HD friend constexpr jet operator-(jet const& a, T const& b) { return {a.value - b, a.slope, a.curvature}; }
  FOVEA_HD friend constexpr jet operator-(T const& a, jet const& b) { return {a - b.value, -b.slope, -b.curvature}; }
  FOVEA_HD friend constexpr jet operator*(jet const& a, T const& b) {
    return {a.value * b, a.slope * b, a.curvature * b};
  }
  FOVEA_HD friend constexpr jet operator*(T const& a, jet const& b) {
    return {a * b.value, a * b.slope, a * b.curvature};
  }
  FOVEA_HD friend constexpr jet operator/(jet const& a, T const& b) {
    return {a.value / b, a.slope / b, a.curvature / b};
  }

  FOVEA_HD friend constexpr auto operator<(jet const& a, jet const& b) { return a.value < b.value; }
  FOVEA_HD friend constexpr auto operator>(jet const& a, jet const& b) { return a.value > b.value; }
  FOVEA_HD friend constexpr auto operator<=(jet const& a, jet const& b) { return a.value <= b.value; }
  FOVEA_HD friend constexpr auto operator>=(jet const& a, jet const& b) { return a.value >= b.value; }
  FOVEA_HD friend constexpr auto operator==(jet const& a, jet const& b) { return a.value == b.value; }

  template <class C> FOVEA_HD friend constexpr jet select(C const& condition, jet const& a, jet const& b) {
    return {math::select(condition, a.value, b.value), math::select(condition, a.slope, b.slope),
            math::select(condition, a.curvature, b.curvature)};
  }
};

/// A dual or a jet.
template <class T>
concept lifted = requires { T::order; } && (T::order == 1 || T::order == 2);

/// The number itself, without its derivatives.
template <class T> FOVEA_HD constexpr T const& plain(T const& x) { return x; }
template <lifted T> FOVEA_HD constexpr auto const& plain(T const& x) { return x.value; }

/// f(x), given f's value, first and second derivative at `plain(x)`: the chain rule, and how a formula or a primitive
/// carries a derivative of its own. The derivatives are called only where they are needed.
template <class T, class Value, class Slope, class Curvature>
FOVEA_HD constexpr T chain(T const& x, Value const& value, Slope const& slope, Curvature const& curvature) {
  if constexpr (!lifted<T>) {
    return value;
  } else if constexpr (T::order == 1) {
    return {value, slope() * x.slope};
  } else {
    auto const s = slope();
    return {value, s * x.slope, curvature() * (x.slope * x.slope) + s * x.curvature};
  }
}

/// The type of `plain(x)`.
template <class T> using plain_of = std::remove_cvref_t<decltype(plain(std::declval<T const&>()))>;

template <lifted T> FOVEA_HD constexpr T exp(T const& x) {
  auto const e = math::exp(x.value);
  return chain(
      x, e, [&] { return e; }, [&] { return e; });
}
template <lifted T, class V = plain_of<T>> FOVEA_HD constexpr T expm1(T const& x) {
  V const e = math::expm1(x.value);
  auto const slope = [&] { return e + V(1); };
  return chain(x, e, slope, slope);
}
template <lifted T, class V = plain_of<T>> FOVEA_HD constexpr T log(T const& x) {
  V const r = V(1) / x.value;
  return chain(
      x, math::log(x.value), [&] { return r; }, [&] { return -r * r; });
}
template <lifted T, class V = plain_of<T>> FOVEA_HD constexpr T log1p(T const& x) {
  V const r = V(1) / (V(1) + x.value);
  return chain(
      x, math::log1p(x.value), [&] { return r; }, [&] { return -r * r; });
}
template <lifted T, class V = plain_of<T>> FOVEA_HD constexpr T sqrt(T const& x) {
  V const root = math::sqrt(x.value);
  auto const slope = [&] { return V(0.5f) / root; };
  return chain(x, root, slope, [&] { return V(-0.5f) * slope() / x.value; });
}
template <lifted T, class V = plain_of<T>> FOVEA_HD constexpr T pow(T const& x, double e) {
  auto const power = [&](double of) { return math::pow(x.value, of); };
  return chain(
      x, power(e), [&] { return math::constant<V>(e) * power(e - 1); },
      [&] { return math::constant<V>(e * (e - 1)) * power(e - 2); });
}
template <lifted T, class V = plain_of<T>> FOVEA_HD constexpr T tanh(T const& x) {
  V const t = math::tanh(x.value);
  auto const slope = [&] { return V(1) - t * t; };
  return chain(x, t, slope, [&] { return V(-2) * t * slope(); });
}
template <lifted T> FOVEA_HD constexpr T abs(T const& x) { return select(x.value < plain_of<T>(0), -x, x); }

}  // namespace fovea::autodiff

namespace fovea {

using autodiff::dual;
using autodiff::jet;

static_assert(real<dual<float>> && real<dual<double>> && real<jet<float>> && real<jet<double>>);

/// The value and the derivative of f in its first argument; the other arguments are passed as they are.
template <class F, class T, class... Rest>
FOVEA_HD constexpr dual<T> value_and_slope(F const& f, T const& x, Rest const&... rest) {
  return f(dual<T>(x, T(1)), rest...);
}

/// The value and the first two derivatives of f in its first argument.
template <class F, class T, class... Rest>
FOVEA_HD constexpr jet<T> value_slope_and_curvature(F const& f, T const& x, Rest const&... rest) {
  return f(jet<T>(x, T(1)), rest...);
}

}  // namespace fovea
