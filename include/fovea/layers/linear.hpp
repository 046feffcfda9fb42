// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/require_real.hpp>

namespace fovea {

/// The layer y = x weight^T + bias along the last axis of a sample, with weight of shape (Out, In) and bias of shape (Out),
/// which `bias = false` leaves out: PyTorch's Linear.
///
/// Parameters start uniform in +-1/sqrt(In), as in PyTorch. With a `prior`, every bias starts at the logit of that
/// probability: for a last layer before a sigmoid and rare positives, as in the paper of the focal loss. `validate()` throws
/// `argument_error` unless both widths are at least 1 and the prior is in (0, 1), and for a prior without a bias.
///
///     constexpr fovea::linear<29, 16> fixed{};                                    // widths known at compile time
///     fovea::linear const sized{inputs, outputs};                                 // widths known at run time
///     constexpr fovea::linear<16, 1> last{.prior = 0.01};    // 1 % positives
template <std::size_t In = dynamic, std::size_t Out = dynamic> struct linear {
  [[no_unique_address]] extent<In> in = {};
  [[no_unique_address]] extent<Out> out = {};
  std::optional<double> prior = std::nullopt;
  bool bias = true;

  static constexpr bool takes_epilogue = true, takes_frozen = true;

  constexpr extents<In> sample() const { return extents<In>({in}); }
  template <std::size_t... E> constexpr auto output(extents<E...> const& given) const {
    constexpr std::size_t width = detail::static_shape<E...>::last;
    constexpr bool may_fit = width == In || width == dynamic || In == dynamic;
    static_assert(may_fit, "linear: takes another number of features than the layer before it gives");
    if (may_fit && given.extent(sizeof...(E) - 1) != in)
      throw shape_error("linear takes " + std::to_string(in) + " features, the layer before it gives " +
                        std::to_string(given.extent(sizeof...(E) - 1)));
    return detail::with_last<Out>(given, out);
  }
  template <class S> constexpr parameter_list<2> parameters(S const&) const {
    return {
        {{{"weight", shape(std::array<std::size_t, 2>{out, in})}, {"bias", shape(std::array<std::size_t, 1>{out})}}},
        bias ? 2u : 1u};
  }
  void validate() const {
    require(in > 0 && out > 0, "linear: widths must be at least 1", 0);
    require(!prior || (*prior > 0 && *prior < 1), "linear: prior must be in (0, 1)", prior.value_or(0));
    require(bias || !prior, "linear: a prior is where the bias starts, and there is none", prior.value_or(0));
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const&) const {
    double const bound = 1 / std::sqrt(static_cast<double>(in));
    to.uniform(0, std::size_t{in} * out, bound);
    if (prior) to.fill(1, out, -std::log(1 / *prior - 1));
    else if (bias) to.uniform(1, out, bound);
  }
  template <class P, class S> constexpr memory needs(S const&, std::size_t) const {
    return {0, fovea::summed_bytes<P>(out, 1, bias)};
  }
  /// Transposes the weight, so that the weights of one input lie side by side.
  template <class S, class T> void freeze(S const&, T const* const* from, T* const* to) const {
    for (std::size_t o = 0; o != out; ++o)
      for (std::size_t i = 0; i != in; ++i) to[0][i * out + o] = from[0][o * in + i];
  }

  /// Computes y = f(x weight^T + bias) in one pass: bias and f are the epilogue of the product.
  template <class P, class X, class Y, class F = identity_formula>
  void forward(P const& p, X const& x, Y const& y, F const& f = {}) const {
    if constexpr (detail::require_real<X>()) {
      auto const product = [&](auto const& factor) {
        p.backend.multiply(fovea::as_last_axis(y), fovea::as_last_axis(x), factor, {}, formulas::add_bias<F>{f},
                           per_column{fovea::parameter_or(p, bias, 1, out, 0, p.scratch)});
      };
      if constexpr (P::frozen) product(fovea::padded(by_input<P>(p.parameter(0))));
      else product(fovea::transposed(weight<P>(p.parameter(0))));
    }
  }
  /// The bias's gradient, the column sums of dy, comes from the pass that the prologue runs over dy.
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    auto const slopes = fovea::as_last_axis(dy);
    auto const fold = [&](auto* sums) {
      prologue(p.backend, fovea::as_last_axis(y), slopes, identity_formula{}, by_column{sums});
    };
    fovea::sum_gradients<1>(p, out, fold, bias);
    p.backend.multiply(weight<P>(p.gradient_of(0)), fovea::transposed(slopes), fovea::as_last_axis(x),
                       {.accumulate = P::accumulates});
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.multiply(fovea::as_last_axis(dx), slopes, weight<P>(p.parameter(0)));
  }

 private:
  template <class P, class T> constexpr matrix_span<typename P::backend_type, T, Out, In> weight(T* parameters) const {
    return {parameters, extents<Out, In>({out, in})};
  }
  template <class P, class T>
  constexpr matrix_span<typename P::backend_type, T, In, Out> by_input(T* parameters) const {
    return {parameters, extents<In, Out>({in, out})};
  }
};
linear(std::size_t, std::size_t) -> linear<dynamic, dynamic>;

}  // namespace fovea
