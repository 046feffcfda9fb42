// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <fovea/scalar/dual.hpp>

/// The functions that losses and activations are made of, exact in their tails, each with its own derivatives.
namespace fovea::math {

/// max(x, 0), with slope 0 at 0; a NaN passes.
template <class T> FOVEA_HD constexpr T relu(T const& x) { return math::select(x <= T(0), T(0), x); }

namespace plain {

template <class T> FOVEA_HD constexpr T sigmoid(T const& x) {
  T const e = math::exp(-math::abs(x));
  return math::select(x < T(0), e, T(1)) / (T(1) + e);
}
template <class T> FOVEA_HD constexpr T softplus(T const& x) {
  return math::max(x, T(0)) + math::log1p(math::exp(-math::abs(x)));
}

/// sigmoid(x)^gamma. gamma softplus(-x) is carried with its rounding error: on its own, rounded to float, it would cost
/// the power six digits at gamma 5.
template <class T> FOVEA_HD constexpr T sigmoid_power(T const& x, double gamma) {
  T const g = math::constant<T>(gamma);
  T const line = math::min(math::max(-x, T(0)), T(1e30f));
  T const bend = math::log1p(math::exp(-math::abs(x)));
  T const rest = g * bend;
  T const exponent = math::fma(g, line, rest);
  T const error = math::fma(g, line, -exponent) + rest + math::constant_error<T>(gamma) * (line + bend);
  T const w = math::exp(-exponent);
  return w - w * error;
}

}  // namespace plain

/// 1 / (1 + exp(-x)), to full relative accuracy for every x.
template <class T> FOVEA_HD constexpr T sigmoid(T const& x) {
  auto const& v = autodiff::plain(x);
  auto const s = plain::sigmoid(v);
  auto const q = [&] { return plain::sigmoid(-v); };
  return autodiff::chain(x, s, [&] { return s * q(); }, [&] { return s * q() * (q() - s); });
}

/// log(1 + exp(x)), without overflow.
template <class T> FOVEA_HD constexpr T softplus(T const& x) {
  auto const& v = autodiff::plain(x);
  auto const s = [&] { return plain::sigmoid(v); };
  return autodiff::chain(x, plain::softplus(v), s, [&] { return s() * plain::sigmoid(-v); });
}

/// log(sigmoid(x)).
template <class T> FOVEA_HD constexpr T log_sigmoid(T const& x) { return -math::softplus(-x); }

/// sigmoid(x)^gamma for gamma >= 0, within 4 + gamma roundings wherever it is a normal number: the focal losses' modulator.
template <class T> FOVEA_HD constexpr T sigmoid_power(T const& x, double gamma) {
  auto const& v = autodiff::plain(x);
  using V = autodiff::plain_of<T>;
  auto const w = plain::sigmoid_power(v, gamma);
  auto const g = math::constant<V>(gamma);
  auto const q = [&] { return plain::sigmoid(-v); };
  return autodiff::chain(x, w, [&] { return g * q() * w; },
                        [&] { return g * q() * w * (g * q() - plain::sigmoid(v)); });
}

/// log((1 - y) sigmoid(x) + y sigmoid(-x)) for 0 < y < 1, finite with its derivatives for every such y.
template <class T, class Y> FOVEA_HD constexpr T log_sigmoid_mix(T const& x, Y const& y) {
  auto const& v = autodiff::plain(x);
  Y const e = math::exp(-math::abs(v));
  auto const negative = v < Y(0);
  Y const mix = math::select(negative, y + (Y(1) - y) * e, (Y(1) - y) + y * e);
  auto const slope = [&] { return (Y(1) - Y(2) * y) * (e / mix) / (Y(1) + e); };
  return autodiff::chain(x, math::log(mix) - math::log1p(e), slope,
                        [&] { return slope() * (math::tanh(Y(-0.5f) * v) - slope()); });
}

/// x^gamma for 0 <= x <= 1 and gamma >= 0, with 0^0 = 1: whole powers by products; for the rest, x is first brought
/// near 1, so that no large logarithm is rounded. Plain numbers only.
template <class T> FOVEA_HD constexpr T unit_power(T x, double gamma) {
  T result(1);
  for (; gamma >= 1 && gamma <= 64; gamma -= 1) result = result * x;
  if (!(gamma > 0)) return result;
  auto const zero = x == T(0);
  constexpr int most = std::numeric_limits<scalar_of<T>>::max_exponent / 2;
  double power = std::exp2(-most * gamma);
  for (int bits = most; bits != 0; bits /= 2, power = std::sqrt(power)) {
    double const down = std::ldexp(1.0, -bits);
    auto const small = x < math::constant<T>(down);
    result = math::select(small, result * math::constant<T>(power), result);
    x = math::select(small, x * math::constant<T>(1 / down), x);
  }
  return math::select(zero, T(0), result * math::exp(math::constant<T>(gamma) * math::log(x)));
}

}  // namespace fovea::math
