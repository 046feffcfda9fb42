// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include <fovea/layers/layer.hpp>
#include <fovea/scalar/formulas.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

/// Draws each parameter uniformly from [-bound, bound), as a function of the seed and of its index in the model.
template <class T> struct draw {
  T* to;
  T bound;
  std::uint64_t seed, first;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    to[i] = bound * (T(2) * uniform<T>(seed, random_stream::initial_parameters, 0, first + i) - T(1));
  }
};
template <class T> struct fill {
  T* to;
  T with;
  FOVEA_HD constexpr void operator()(std::size_t i) const { to[i] = with; }
};
/// Computes f(x + bias) in place: the epilogue of the product.
template <class F> struct add_bias {
  F f;
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& bias) const { x = f(x + bias); }
};

}  // namespace formulas

/// The layer y = x weight^T + bias, with weight of shape (Out, In) and bias of shape (Out): PyTorch's Linear.
///
/// Parameters start uniform in +-1/sqrt(In), as in PyTorch. With a `prior`, every bias starts at the logit of that
/// probability: for a last layer before a sigmoid and rare positives, Lin et al. (2017). `validate()` throws
/// `argument_error` unless both widths are at least 1 and the prior is in (0, 1).
///
///     constexpr fovea::linear<29, 16> fixed{};                                    // widths known at compile time
///     fovea::linear const sized{inputs, outputs};                                 // widths known at run time
///     constexpr fovea::linear<16, 1> last{.in = {}, .out = {}, .prior = 0.01};    // 1 % positives
template <std::size_t In = dynamic, std::size_t Out = dynamic> struct linear {
  [[no_unique_address]] extent<In> in;
  [[no_unique_address]] extent<Out> out;
  std::optional<double> prior = std::nullopt;

  static constexpr std::size_t input_width = In;
  template <std::size_t> static constexpr std::size_t output_width = Out;
  constexpr std::size_t inputs() const { return in; }
  constexpr std::size_t outputs(std::size_t) const { return out; }
  constexpr std::array<parameter_spec, 2> parameters(std::size_t) const {
    return {{{"weight", shape(std::array<std::size_t, 2>{out, in})}, {"bias", shape(std::array<std::size_t, 1>{out})}}};
  }
  void validate() const {
    require(in > 0 && out > 0, "linear: widths must be at least 1", 0);
    require(!prior || (*prior > 0 && *prior < 1), "linear: prior must be in (0, 1)", prior.value_or(0));
  }

  template <backend B, class T>
  void initialize(B const& b, T* parameters, std::size_t, std::uint64_t seed, std::uint64_t first) const {
    auto const bound = static_cast<T>(1 / std::sqrt(static_cast<double>(in)));
    b.for_each_index(weights() + out, formulas::draw<T>{parameters, bound, seed, first});
    if (prior)
      b.for_each_index(out, formulas::fill<T>{parameters + weights(), static_cast<T>(-std::log(1 / *prior - 1))});
  }

  template <backend B, class T, class X, class Y>
  void forward(B const& b, T const* parameters, X const& x, Y const& y) const {
    forward_then(b, parameters, x, y, identity_formula{});
  }
  template <backend B, class T, class X, class Y, class DY, class DX>
  void backward(B const& b, T const* parameters, X const& x, Y const&, DY const& dy, DX const& dx,
                T* dparameters) const {
    b.reduce(dy.extents, identity_formula{}, std::tuple{by_column{bias(dparameters)}},
             each{static_cast<T const*>(dy.elements)});
    backward_products(b, parameters, x, dy, dx, dparameters);
  }

  /// Computes y = f(x weight^T + bias) in one pass: bias and f are the epilogue of the product.
  template <backend B, class T, class X, class Y, class F>
  void forward_then(B const& b, T const* parameters, X const& x, Y const& y, F const& f) const {
    b.multiply(y, x, fovea::transposed(weight<B>(parameters)), {}, formulas::add_bias<F>{f},
               per_column{bias(parameters)});
  }
  /// Does the rest of `backward` after the bias's gradient, the column sums of dy, has been computed.
  template <backend B, class T, class X, class DY, class DX>
  void backward_products(B const& b, T const* parameters, X const& x, DY const& dy, DX const& dx,
                         T* dparameters) const {
    b.multiply(weight<B>(dparameters), fovea::transposed(dy), x);
    if (dx.elements != nullptr) b.multiply(dx, dy, weight<B>(parameters));
  }
  template <class T> constexpr T* bias(T* parameters) const { return parameters + weights(); }

 private:
  constexpr std::size_t weights() const { return std::size_t{in} * out; }
  template <class B, class T> constexpr matrix_span<B, T, Out, In> weight(T* parameters) const {
    return {parameters, extents<Out, In>({out, in})};
  }
};
linear(std::size_t, std::size_t) -> linear<dynamic, dynamic>;
static_assert(layer<linear<29, 16>> && layer<linear<>>);

/// True for a `linear`: `sequential` fuses it with the activation after it, and its bias's gradient with the pass that
/// computes dy.
template <class L> inline constexpr bool is_linear = false;
template <std::size_t In, std::size_t Out> inline constexpr bool is_linear<linear<In, Out>> = true;

}  // namespace fovea
