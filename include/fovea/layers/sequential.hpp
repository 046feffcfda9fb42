// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/linear.hpp>

namespace fovea {

/// Returns the number of features of activation K of these layers (see `index`), or `dynamic` if it is not in their types.
template <std::size_t K, class... L> constexpr std::size_t static_width_of() {
  if constexpr (K == 0) {
    std::size_t width = any_width;
    ((width = width == any_width ? L::input_width : width), ...);
    return width == any_width ? dynamic : width;
  } else {
    return std::tuple_element_t<K - 1, std::tuple<L...>>::template output_width<static_width_of<K - 1, L...>()>;
  }
}

template <std::size_t Layer, std::size_t Takes, std::size_t Gets> struct checked_width {
  static_assert(Takes == Gets || Takes == any_width || Takes == dynamic || Gets == dynamic,
                "sequential: a layer takes a different number of features than the layer before it gives");
};
/// Checks the input width of each layer. In the class, because a failure in the constructor would be reported twice for a
/// constexpr network.
template <class K, class... L> struct checked_widths;
template <std::size_t... K, class... L>
struct checked_widths<std::index_sequence<K...>, L...>
    : checked_width<K, L::input_width, static_width_of<K, L...>()>... {};

/// The number of an activation: 0 is the network's input, K is the output of layer K - 1.
template <std::size_t K> using index = std::integral_constant<std::size_t, K>;

/// True for an activation whose input need not be stored.
template <class L> inline constexpr bool is_fusible = false;
template <slope_from_output F> inline constexpr bool is_fusible<activation<F>> = true;

namespace formulas {
template <class F> struct times_slope {
  F f;
  template <class T> FOVEA_HD constexpr T operator()(T& dy, T const& y) const {
    return dy = dy * f.slope_from_output(y);
  }
};
}  // namespace formulas

/// A network of layers, each of which takes the output of the one before it. Widths known at compile time are checked
/// there; for others the constructor throws `shape_error`.
///
/// A linear layer and the activation after it form one stage: `forward` applies bias and activation in one pass after the
/// product, and `backward` computes the activation's slope and the bias's gradient in one pass before the products.
///
///     constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 1>{}};
///     fovea::trainer trainer{fovea::xtensor_backend{}, net, fovea::sigmoid_focal_loss{}, fovea::adam{}};
template <class... L> class sequential {
 public:
  static constexpr std::size_t depth = sizeof...(L);
  static_assert(depth != 0, "sequential: at least one layer");
  static_assert(
      (layer<L> && ...),
      "sequential: a layer has its widths, `parameters`, `initialize`, `forward` and `backward`: see `fovea::layer`");
  static_assert(sizeof(checked_widths<std::index_sequence_for<L...>, L...>) != 0);
  template <std::size_t K> using layer_at = std::tuple_element_t<K, std::tuple<L...>>;

  constexpr sequential(L... l) : layers_(l...) {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      std::size_t width = any_width;
      ((width = width == any_width ? std::get<K>(layers_).inputs() : width), ...);
      widths_[0] = width;
      (check<K>(), ...);
    }(std::index_sequence_for<L...>{});
  }

  /// Returns the number of features of activation i: of the input for 0, else of the output of layer i - 1.
  constexpr std::size_t width(std::size_t i) const { return widths_[i]; }
  constexpr std::size_t inputs() const { return widths_[0]; }
  constexpr std::size_t outputs() const { return widths_[depth]; }
  constexpr std::size_t parameter_count() const { return offsets_[depth]; }
  template <std::size_t K> constexpr layer_at<K> const& get() const { return std::get<K>(layers_); }

  /// Returns the number of features of activation K, or `dynamic` if it is known only at run time.
  template <std::size_t K> static constexpr std::size_t static_width() { return static_width_of<K, L...>(); }
  template <std::size_t K, class B, class T> batch_span<B, T, static_width<K>()> batch(T* at, std::size_t rows) const {
    return {at, extents<dynamic, static_width<K>()>({rows, widths_[K]})};
  }

  /// True if layer K is an activation that is computed together with the linear layer K - 1. Activation K, the linear layer's
  /// output, is then never stored.
  template <std::size_t K> static constexpr bool fused() {
    if constexpr (K == 0 || K >= depth) return false;
    else return is_linear<layer_at<K - 1>> && is_fusible<layer_at<K>>;
  }

  /// Returns the number of stages before activation K.
  template <std::size_t K> static constexpr std::size_t stage() {
    if constexpr (K == 0) return 0;
    else return stage<K - 1>() + (fused<K>() ? 0 : 1);
  }

  /// Calls f("0.weight", shape, offset) for each parameter, in storage order.
  template <class F> void for_each_parameter(F const& f) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (layer_parameters<K>(f), ...);
    }(std::index_sequence_for<L...>{});
  }

  template <backend B, class T> void initialize(B const& b, T* parameters, std::uint64_t seed) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (get<K>().initialize(b, parameters + offsets_[K], widths_[K], seed, std::uint64_t{offsets_[K]}), ...);
    }(std::index_sequence_for<L...>{});
  }

  /// Computes all activations from the input. `at(index<K>{})` returns the span of activation K. In training, `draw` is the
  /// source of the step's random numbers.
  template <std::size_t K = 0, backend B, class T, class At, class... Draw>
  void forward(B const& b, T const* parameters, At const& at, Draw const&... draw) const {
    if constexpr (K < depth) {
      auto const* p = parameters + offsets_[K];
      if constexpr (fused<K + 1>())
        get<K>().forward_then(b, p, at(index<K>{}), at(index<K + 2>{}), get<K + 1>().formula);
      else if constexpr (stochastic_layer<layer_at<K>>)
        get<K>().forward(b, p, at(index<K>{}), at(index<K + 1>{}), of_layer<K>(draw)...);
      else get<K>().forward(b, p, at(index<K>{}), at(index<K + 1>{}));
      forward<K + (fused<K + 1>() ? 2 : 1)>(b, parameters, at, draw...);
    }
  }

  /// Computes the gradients of all parameters; `forward` must have run, with the same `at` and `draw`.
  ///
  /// First calls `loss_pass(y, dy, formula, bias)`, which computes from the outputs y the loss's gradient before the activation
  /// `formula`, writes it into dy, and writes its column sums into `bias` unless that is null. `gradient(index<K>{})`
  /// returns the span of the gradient with respect to activation K; those of two successive stages must not overlap.
  template <backend B, class T, class At, class Gradient, class LossPass, class... Draw>
  void backward(B const& b, T const* parameters, At const& at, Gradient const& gradient, T* dparameters,
                LossPass const& loss_pass, Draw const&... draw) const {
    constexpr bool last_is_fused = fused<depth - 1>();
    constexpr std::size_t last = depth - 1 - (last_is_fused ? 1 : 0);
    T* bias = nullptr;
    if constexpr (is_linear<layer_at<last>>) bias = get<last>().bias(dparameters + offsets_[last]);
    if constexpr (last_is_fused)
      loss_pass(at(index<depth>{}), gradient(index<depth>{}), get<depth - 1>().formula, bias);
    else loss_pass(at(index<depth>{}), gradient(index<depth>{}), identity_formula{}, bias);
    stage_backward<last, depth, true>(b, parameters, at, gradient, dparameters, draw...);
  }

 private:
  template <std::size_t K> constexpr void check() {
    if constexpr (static_width<K>() == dynamic || layer_at<K>::input_width == dynamic) {
      auto const needed = get<K>().inputs();
      if (needed != any_width && needed != widths_[K])
        throw shape_error("sequential: layer " + std::to_string(K) + " takes " + std::to_string(needed) +
                          " features, the layer before it gives " + std::to_string(widths_[K]));
    }
    widths_[K + 1] = get<K>().outputs(widths_[K]);
    offsets_[K + 1] = offsets_[K] + fovea::parameter_count(get<K>(), widths_[K]);
  }
  template <std::size_t K, class F> void layer_parameters(F const& f) const {
    auto offset = offsets_[K];
    for (auto const& p : get<K>().parameters(widths_[K])) {
      f(std::to_string(K) + "." + std::string(p.name), p.extents, offset);
      offset += p.extents.size();
    }
  }

  /// The backward pass of the stage that begins with layer K and computes activation Y. BiasDone: the bias's gradient has
  /// already been computed.
  template <std::size_t K, std::size_t Y, bool BiasDone, class B, class T, class At, class Gradient, class... Draw>
  void stage_backward(B const& b, T const* parameters, At const& at, Gradient const& gradient, T* dparameters,
                      Draw const&... draw) const {
    auto const dy = gradient(index<Y>{});
    auto dx = gradient(index<K>{});
    if constexpr (K == 0) dx.elements = nullptr;
    auto const* p = parameters + offsets_[K];
    auto* dp = dparameters + offsets_[K];
    if constexpr (is_linear<layer_at<K>>) {
      if constexpr (!BiasDone) bias_pass<K, Y>(b, at(index<Y>{}), dy, get<K>().bias(dp));
      get<K>().backward_products(b, p, at(index<K>{}), dy, dx, dp);
    } else if constexpr (stochastic_layer<layer_at<K>>) {
      get<K>().backward(b, p, at(index<K>{}), at(index<Y>{}), dy, dx, dp, of_layer<K>(draw)...);
    } else {
      get<K>().backward(b, p, at(index<K>{}), at(index<Y>{}), dy, dx, dp);
    }
    if constexpr (K != 0) {
      constexpr std::size_t before = K - 1 - (fused<K - 1>() ? 1 : 0);
      stage_backward<before, K, false>(b, parameters, at, gradient, dparameters, draw...);
    }
  }
  template <std::size_t K> static constexpr random_draw of_layer(random_draw draw) {
    draw.layer = K;
    return draw;
  }

  /// Makes dy the gradient before the fused activation, if there is one, and computes the bias's gradient, in the same pass.
  template <std::size_t K, std::size_t Y, class B, class Span, class DY, class T>
  void bias_pass(B const& b, Span const& y, DY const& dy, T* bias) const {
    std::tuple const sums{by_column{bias}};
    if constexpr (fused<K + 1>()) {
      auto const formula = get<K + 1>().formula;
      b.reduce(dy.extents, formulas::times_slope<std::remove_const_t<decltype(formula)>>{formula}, sums,
               each{dy.elements}, each{static_cast<T const*>(y.elements)});
    } else {
      b.reduce(dy.extents, identity_formula{}, sums, each{static_cast<T const*>(dy.elements)});
    }
  }

  std::tuple<L...> layers_;
  std::array<std::size_t, depth + 1> widths_{}, offsets_{};
};

template <class N> inline constexpr bool is_network = false;
template <class... L> inline constexpr bool is_network<sequential<L...>> = true;
template <class N>
concept network = is_network<N>;

}  // namespace fovea
