// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/scalar/normal_cdf.hpp>

/// The activations beside `relu`, `sigmoid` and `tanh`: a formula each, and the layer that applies it. Options are those of the
/// formula: `fovea::leaky_relu{{.negative_slope = 0.2}}`. Slopes at a kink are PyTorch's.
namespace fovea {

namespace math {

/// Returns x, bounded to [lowest, highest]; the slope is 0 at the bounds.
template <class T> FOVEA_HD constexpr T clamp(T const& x, T const& lowest, T const& highest) {
  return math::select(x <= lowest, lowest, math::select(x >= highest, highest, x));
}
/// Returns x gate and its limits at infinity, for a gate that tends to 0 at -infinity and to 1 at infinity faster than x grows.
template <class T> FOVEA_HD constexpr T gated(T const& x, T const& gate) {
  return math::select(math::abs(autodiff::primal(x)) < autodiff::primal_of<T>(1e3f), x * gate, math::relu(x));
}
/// Returns alpha (exp(x / scale) - 1) below 0, with a slope that does not cancel, else x.
template <class T> FOVEA_HD constexpr T exponential_below_0(T const& x, double alpha, double scale) {
  using V = autodiff::primal_of<T>;
  V const a = math::constant<V>(alpha), s = math::constant<V>(1 / scale), v = s * autodiff::primal(x);
  auto const slope = [&] { return a * s * math::exp(v); };
  T const below = autodiff::with_derivatives(x, a * math::expm1(v), slope, [&] { return s * slope(); });
  return math::select(x > T(0), x, below);
}

}  // namespace math

/// x, or `negative_slope` x below 0: PyTorch's LeakyReLU. Maas et al. (2013).
struct leaky_relu_formula {
  double negative_slope = 0.01;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return math::select(x > T(0), x, math::constant<scalar_of<T>>(negative_slope) * x);
  }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const& y) const {
    return math::select(y > T(0), T(1), math::constant<T>(negative_slope));
  }
  void validate() const {
    require(negative_slope >= 0 && negative_slope <= 1e30, "leaky_relu: negative_slope must be finite and not negative",
            negative_slope);
  }
};
using leaky_relu = activation<leaky_relu_formula>;

/// x, or `alpha` (exp(x) - 1) below 0: PyTorch's ELU. Clevert et al. (2016).
struct elu_formula {
  double alpha = 1;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::exponential_below_0(x, alpha, 1); }
  void validate() const { require(alpha >= -1e30 && alpha <= 1e30, "elu: alpha must be finite", alpha); }
};
using elu = activation<elu_formula>;

/// An ELU that keeps mean 0 and variance 1: PyTorch's SELU. Klambauer et al., "Self-normalizing neural networks" (2017).
struct selu_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
    return math::constant<scalar_of<T>>(scale) * math::exponential_below_0(x, alpha, 1);
  }
};
using selu = activation<selu_formula>;

/// x, or `alpha` (exp(x / alpha) - 1) below 0: PyTorch's CELU. Barron (2017).
struct celu_formula {
  double alpha = 1;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return math::exponential_below_0(x, alpha, alpha);
  }
  void validate() const { require(alpha > 0 && alpha <= 1e30, "celu: alpha must be finite and above 0", alpha); }
  template <class T> void validate_in() const { detail::require_in<T>("celu", "alpha", alpha); }
};
using celu = activation<celu_formula>;

/// x times the probability that a standard normal number is less than x: PyTorch's GELU. Hendrycks and Gimpel (2016).
struct gelu_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::gated(x, math::normal_cdf(x)); }
};
using gelu = activation<gelu_formula>;

/// The approximation of GELU by a hyperbolic tangent: PyTorch's GELU(approximate="tanh").
struct gelu_tanh_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    using U = scalar_of<T>;  // (1 + tanh(u)) / 2 = sigmoid(2 u)
    constexpr double factor = 1.5957691216057307;
    T const inner = math::constant<U>(factor) * (x + math::constant<U>(0.044715) * (x * x * x));
    return math::gated(x, math::sigmoid(inner));
  }
};
using gelu_tanh = activation<gelu_tanh_formula>;

/// x sigmoid(x), the swish: PyTorch's SiLU.
struct silu_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::gated(x, math::sigmoid(x)); }
};
using silu = activation<silu_formula>;

/// x tanh(softplus(x)): PyTorch's Mish. Misra (2019).
struct mish_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    math::logistic<T> const one(x);
    T const p = one.sigmoid(), q = (-one).sigmoid();
    return math::gated(x, p * (scalar_of<T>(1) + q) / (scalar_of<T>(1) + q * q));  // without cancellation
  }
};
using mish = activation<mish_formula>;

/// log(1 + exp(beta x)) / beta: PyTorch's Softplus, without its threshold, which saves no accuracy here.
struct softplus_formula {
  double beta = 1;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    if (beta == 1) return math::softplus(x);
    auto const b = math::constant<scalar_of<T>>(beta);
    return math::select(x > T(scalar_of<T>(1e30f)), x, math::softplus(b * x) / b);  // before b x overflows
  }
  void validate() const { require(beta > 0 && beta <= 1e6, "softplus: beta must be in (0, 1e6]", beta); }
  template <class T> void validate_in() const { detail::require_in<T>("softplus", "beta", beta); }
};
using softplus = activation<softplus_formula>;

/// x / (1 + |x|): PyTorch's Softsign.
struct softsign_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    using V = autodiff::primal_of<T>;
    V const v = math::clamp(autodiff::primal(x), V(-1e30f), V(1e30f)), r = V(1) / (V(1) + math::abs(v));
    return autodiff::with_derivatives(
        x, v * r, [&] { return r * r; }, [&] { return math::select(v < V(0), V(2), V(-2)) * r * r * r; });
  }
};
using softsign = activation<softsign_formula>;

/// x, between `min_val` and `max_val`: PyTorch's Hardtanh.
struct hard_tanh_formula {
  double min_val = -1, max_val = 1;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return math::clamp(x, math::constant<T>(min_val), math::constant<T>(max_val));
  }
  void validate() const { require(min_val < max_val, "hard_tanh: max_val must be above min_val", max_val); }
};
using hard_tanh = activation<hard_tanh_formula>;

/// x, between 0 and 6: PyTorch's ReLU6.
struct relu6_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return math::clamp(x, T(0), math::constant<T>(6));
  }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const& y) const {
    return math::select(y > T(0), math::select(y < T(6), T(1), T(0)), T(0));
  }
};
using relu6 = activation<relu6_formula>;

/// x / 6 + 1 / 2, between 0 and 1: PyTorch's Hardsigmoid.
struct hard_sigmoid_formula {
  static constexpr bool gives_probabilities = true;
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    using U = scalar_of<T>;
    return relu6_formula{}(x + U(3)) / U(6);
  }
  template <real T> FOVEA_HD constexpr T slope_from_output(T const& y) const {
    return math::select(y > T(0), math::select(y < T(1), T(1) / T(6), T(0)), T(0));
  }
};
using hard_sigmoid = activation<hard_sigmoid_formula>;

/// x times its hard sigmoid: PyTorch's Hardswish. Howard et al., "Searching for MobileNetV3" (2019).
struct hard_swish_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return math::gated(x, hard_sigmoid_formula{}(x));
  }
};
using hard_swish = activation<hard_swish_formula>;

/// log(sigmoid(x)): PyTorch's LogSigmoid.
struct log_sigmoid_formula {
  template <real T> FOVEA_HD constexpr T operator()(T const& x) const { return math::log_sigmoid(x); }
};
using log_sigmoid = activation<log_sigmoid_formula>;

}  // namespace fovea
