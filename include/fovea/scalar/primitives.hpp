// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <fovea/scalar/dual.hpp>

/// The functions that losses and activations are composed of, accurate in their tails, each with its own derivatives.
namespace fovea::math {

/// Returns max(x, 0), with slope 0 at 0; returns NaN if x is NaN.
template <class T> FOVEA_HD constexpr T relu(T const& x) { return math::select(x <= T(0), T(0), x); }

namespace primal {

/// Returns P(u), where 2 atanh(t) = 2 t + 2 t u P(u) and u = t^2 <= 1/9. The coefficients are minimax fits by
/// tests/scalar/make_polynomials.py.
template <class T> FOVEA_HD constexpr T atanh_polynomial(T const& u) {
  if constexpr (std::numeric_limits<scalar_of<T>>::digits <= 24)
    return math::polynomial(u, 0.33333206562309989, 0.20010849693399614, 0.13999568465823123, 0.14012237853942048);
  else
    return math::polynomial(u, 0.33333333333333152, 0.20000000000078631, 0.14285714273925955, 0.11111111984915347,
                            0.090908719609987938, 0.076932799880200270, 0.066504864945000135, 0.060530451707132573,
                            0.041700429767180931, 0.085093002861209440);
}

/// Returns log(1 + e) = 2 atanh(t) for 0 <= e <= 1, given t = e / (2 + e).
template <class T> FOVEA_HD constexpr T log1p_of_quotient(T const& t) {
  T const u = t * t;
  return T(2) * t + T(2) * t * u * primal::atanh_polynomial(u);
}

/// Returns sigmoid(x)^gamma for gamma >= 0, given s = sigmoid(x), line = max(-x, 0) and bend = log(1 + exp(-|x|)).
///
/// Integer powers up to 4 are products; half-integers add a square root, except 1/2, whose result can be normal where s is
/// subnormal. Any other power is exp(-gamma softplus(-x)); the exponent's rounding error is carried along, because in float
/// it alone would cost the result up to six bits.
template <class T> FOVEA_HD constexpr T sigmoid_power(T const& s, T const& line, T const& bend, double gamma) {
  if (gamma == 0) return T(1);
  if (gamma == 1) return s;
  if (gamma == 2) return s * s;
  if (gamma == 3) return s * s * s;
  if (gamma == 4) return (s * s) * (s * s);
  if (gamma == 1.5) return s * math::sqrt(s);
  if (gamma == 2.5) return s * s * math::sqrt(s);
  if (gamma == 3.5) return s * s * s * math::sqrt(s);
  T const g = math::constant<T>(gamma);
  T const finite = (math::min)(line, T(1e30f));
  T const rest = g * bend;
  T const exponent = math::fma(g, finite, rest);
  T const error = math::fma(g, finite, -exponent) + rest + math::constant_error<T>(gamma) * (finite + bend);
  T const w = math::exp(-exponent);
  return w - w * error;
}

}  // namespace primal

/// The functions of one logit x that share exp(-|x|): sigmoid(x), its powers and softplus(x), each to full relative
/// accuracy for every x and with its own derivatives. A formula that needs two of them constructs one `logistic`.
///
///     math::logistic<Z> const one(z);
///     return one.softplus_mix(Y(1) - y, y);  // binary cross-entropy of a logit
template <class T> class logistic {
  using V = autodiff::primal_of<T>;

 public:
  FOVEA_HD explicit constexpr logistic(T const& x)
      : x_(x), e_(math::exp(-math::abs(autodiff::primal(x)))), greater_(V(1) / (V(1) + e_)),
        lesser_(adl::elementary<V>::multiply_add(-(e_ * e_), greater_, e_)),
        bend_(primal::log1p_of_quotient(e_ / (V(2) + e_))) {}
  /// Returns the functions of -x, without another exponential.
  FOVEA_HD constexpr logistic operator-() const { return {-x_, e_, greater_, lesser_, bend_}; }

  /// Returns 1 / (1 + exp(-x)).
  FOVEA_HD constexpr T sigmoid() const {
    return autodiff::with_derivatives(
        x_, s(), [&] { return s() * q(); }, [&] { return s() * q() * (q() - s()); });
  }
  /// Returns sigmoid(x)^gamma for gamma >= 0, within 4 + gamma roundings where the result is a normal number.
  FOVEA_HD constexpr T power(double gamma) const {
    V const w = primal::sigmoid_power(s(), (math::max)(-autodiff::primal(x_), V(0)), bend_, gamma),
            g = math::constant<V>(gamma);
    return autodiff::with_derivatives(
        x_, w, [&] { return g * q() * w; }, [&] { return g * q() * w * (g * q() - s()); });
  }
  /// Returns log(1 + exp(x)), without overflow.
  FOVEA_HD constexpr T softplus() const {
    return autodiff::with_derivatives(
        x_, (math::max)(autodiff::primal(x_), V(0)) + bend_, [&] { return s(); }, [&] { return s() * q(); });
  }
  /// Returns a softplus(x) + b softplus(-x) for a, b >= 0. Where a factor is 0, so is its product, at an infinite x too.
  template <class Y> FOVEA_HD constexpr T softplus_mix(Y const& a, Y const& b) const {
    auto const& x = autodiff::primal(x_);
    // Of max(x, 0) and max(-x, 0), one is 0 and the other |x|. 0 times infinity is NaN, which is not above 0.
    V const line = math::select(x < V(0), b, a) * math::abs(x);
    return autodiff::with_derivatives(
        x_, math::select(line > V(0), line, V(0)) + (a + b) * bend_, [&] { return a * s() - b * q(); },
        [&] { return (a + b) * (s() * q()); });
  }
  /// Returns log((1 - y) sigmoid(x) + y sigmoid(-x)) for 0 < y < 1; finite for every such y, and so are its derivatives.
  template <class Y> FOVEA_HD constexpr T log_mix(Y const& y) const {
    auto const& x = autodiff::primal(x_);
    V const mix = math::select(x < V(0), y + (V(1) - y) * e_, (V(1) - y) + y * e_);
    auto const slope = [&] { return (V(1) - V(2) * y) * (e_ / mix) * greater_; };
    return autodiff::with_derivatives(x_, math::log(mix) - bend_, slope,
                                      [&] { return slope() * (math::tanh(V(-0.5f) * x) - slope()); });
  }

 private:
  FOVEA_HD constexpr logistic(T const& x, V const& e, V const& greater, V const& lesser, V const& bend)
      : x_(x), e_(e), greater_(greater), lesser_(lesser), bend_(bend) {}
  FOVEA_HD constexpr V s() const { return math::select(autodiff::primal(x_) < V(0), lesser_, greater_); }
  FOVEA_HD constexpr V q() const {
    return math::select(autodiff::primal(x_) < V(0), greater_, lesser_);
  }  // sigmoid(-x)

  T x_;
  V e_;                 // exp(-|x|)
  V greater_, lesser_;  // 1 / (1 + e); e / (1 + e), computed as e - e^2 / (1 + e), which is more accurate
  V bend_;              // log(1 + e)
};

/// Returns 1 / (1 + exp(-x)), to full relative accuracy for every x.
template <class T> FOVEA_HD constexpr T sigmoid(T const& x) { return logistic<T>(x).sigmoid(); }

/// Returns log(1 + exp(x)), without overflow.
template <class T> FOVEA_HD constexpr T softplus(T const& x) { return logistic<T>(x).softplus(); }

/// Returns log(sigmoid(x)).
template <class T> FOVEA_HD constexpr T log_sigmoid(T const& x) { return -math::softplus(-x); }

/// Returns a b, where b may tend to infinity as the derivatives of a tend to 0: these terms of the product rule are then 0.
template <class T> FOVEA_HD constexpr T product_of_limits(T const& a, T b) {
  if constexpr (autodiff::differentiating<T>) {
    auto const value = a.value * b.value;
    b.value = (math::min)(b.value, autodiff::primal_of<T>(1e30f));
    T product = a * b;
    product.value = value;
    return product;
  } else {
    return a * b;
  }
}

/// Returns sigmoid(x)^gamma for gamma >= 0: the modulator of `sigmoid_focal_loss`.
template <class T> FOVEA_HD constexpr T sigmoid_power(T const& x, double gamma) { return logistic<T>(x).power(gamma); }

/// Returns log((1 - y) sigmoid(x) + y sigmoid(-x)) for 0 < y < 1; finite for every such y, and so are its derivatives.
template <class T, class Y> FOVEA_HD constexpr T log_sigmoid_mix(T const& x, Y const& y) {
  return logistic<T>(x).log_mix(y);
}

/// Returns x^gamma for 0 <= x <= 1 and gamma >= 0, with 0^0 = 1. T carries no derivatives.
///
/// Up to gamma = 64, the integer part of the power is a product. For the rest, x is first scaled close to 1: rounding a
/// large logarithm would cost digits.
template <class T> FOVEA_HD constexpr T unit_power(T x, double gamma) {
  T result(1);
  for (; gamma >= 1 && gamma <= 64; gamma -= 1) result = result * x;
  if (!(gamma > 0)) return result;
  auto const zero = x == T(0);
  constexpr int max_bits = std::numeric_limits<scalar_of<T>>::max_exponent / 2;
  double power = std::exp2(-max_bits * gamma);
  for (int bits = max_bits; bits != 0; bits /= 2, power = std::sqrt(power)) {
    double const down = std::ldexp(1.0, -bits);
    auto const tiny = x < math::constant<T>(down);
    result = math::select(tiny, result * math::constant<T>(power), result);
    x = math::select(tiny, x * math::constant<T>(1 / down), x);
  }
  return math::select(zero, T(0), result * math::exp(math::constant<T>(gamma) * math::log(x)));
}

}  // namespace fovea::math
