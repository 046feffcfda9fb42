// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/layers/convolution.hpp>

namespace fovea {

namespace formulas {

struct add_number {
  template <class T> FOVEA_HD constexpr void operator()(T& y, T const& number) const { y = y + number; }
};

}  // namespace formulas

/// The transpose of a convolution, which makes samples (in, ...) larger ones (out, ...): each place of a sample adds a kernel to the
/// result. weight has the shape (in, out / groups, kernel...), bias (out): PyTorch's ConvTranspose1d and ConvTranspose2d. On each
/// axis, `output_padding` is below the stride. Further options, first parameters and errors are those of `convolution`.
///
///     constexpr fovea::sequential net{fovea::input<8, 7, 7>{}, fovea::conv_transpose2d<8, 4>{.kernel_size = 4, .stride = 2, .padding = 1}};
template <std::size_t N, std::size_t In, std::size_t Out> struct transposed_convolution {
  [[no_unique_address]] extent<In> in_channels = {};
  [[no_unique_address]] extent<Out> out_channels = {};
  per_axis<N> kernel_size = 0, stride = 1, padding = 0, output_padding = 0, dilation = 1;
  std::size_t groups = 1;
  bool bias = true;

  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    detail::require_channels(name, in_channels, sample);
    auto const w = window(sample);
    if constexpr (N == 1) return extents<Out, dynamic>({out_channels, w.x.extent});
    else return extents<Out, dynamic, dynamic>({out_channels, w.y.extent, w.x.extent});
  }
  template <class S> constexpr parameter_list<2> parameters(S const&) const {
    std::array<std::size_t, N + 2> weight{in_channels, out_channels / groups};
    for (std::size_t i = 0; i != N; ++i) weight[i + 2] = kernel_size.values[i];
    return {{{{"weight", shape(weight)}, {"bias", shape(std::array<std::size_t, 1>{out_channels})}}}, bias ? 2u : 1u};
  }
  void validate() const {
    detail::require_convolution(name, options(), in_channels, out_channels, groups);
    for (std::size_t i = 0; i != N; ++i)
      if (output_padding.values[i] >= stride.values[i])
        throw argument_error(std::string(name) + ": output_padding must be below the stride, got " +
                             std::to_string(output_padding.values[i]));
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    auto const w = window(sample);
    std::size_t const inputs = out_channels / groups * w.kernel();  // PyTorch's fan-in of this weight
    double const bound = 1 / std::sqrt(static_cast<double>(inputs));
    to.uniform(0, in_channels * inputs, bound);
    if (bias) to.uniform(1, out_channels, bound);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const all = P::bytes(window_numbers(sample));
    if constexpr (P::differentiates)
      return {0, all + P::bytes(rows * out_channels) + fovea::summed_bytes<P>(out_channels, 1, bias)};
    else return {0, all};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) {
      using T = typename P::value_type;
      auto const w = window(fovea::sample_of(x));
      auto* const windows = reinterpret_cast<T*>(p.scratch);
      auto const rows = fovea::rows_of(x), made = w.channels * w.plane();
      for (std::size_t r = 0; r != rows; ++r) {
        for (std::size_t g = 0; g != groups; ++g)
          p.backend.multiply(windows_of<P>(windows, w, g), fovea::transposed(weights<P>(p.parameter(0), w, g)),
                             inputs<P>(fovea::read_only(x).elements, w, r, g));
        p.backend.for_each_index(w.channels * w.y.extent,
                                 formulas::scatter_windows<T>{w, windows, y.elements + r * made});
        if (bias)
          p.backend.for_each(domain<>({w.channels, w.plane()}), formulas::add_number{}, each{y.elements + r * made},
                             per_row{p.parameter(1)});
      }
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    using T = typename P::value_type;
    auto const w = window(fovea::sample_of(x));
    auto const rows = fovea::rows_of(x), made = w.channels * w.plane();
    T const* const slopes = fovea::read_only(dy).elements;
    auto* const windows = reinterpret_cast<T*>(p.scratch);
    if (bias) {
      auto* const sums = reinterpret_cast<T*>(p.scratch + P::bytes(window_numbers(fovea::sample_of(x))));
      auto own = p;
      own.scratch = reinterpret_cast<std::byte*>(sums) + P::bytes(rows * out_channels);
      fovea::sum_gradients<1>(own, out_channels, [&](T* to) {
        p.backend.reduce(domain<>({rows * w.channels, w.plane()}), identity_formula{}, std::tuple{by_row{sums}},
                         each{slopes});
        p.backend.for_each_index(w.channels, formulas::fold_channel<T>{sums, to, rows, w.channels});
      });
    }
    for (std::size_t r = 0; r != rows; ++r) {
      p.backend.for_each_index(w.channels * w.kernel() * w.y.places(),
                               formulas::gather_windows<T>{w, slopes + r * made, windows});
      for (std::size_t g = 0; g != groups; ++g) {
        auto const of_group = windows_of<P>(static_cast<T const*>(windows), w, g);
        p.backend.multiply(weights<P>(p.gradient_of(0), w, g), inputs<P>(fovea::read_only(x).elements, w, r, g),
                           fovea::transposed(of_group), {.accumulate = P::accumulates || r != 0});
        if constexpr (!std::same_as<DX, nothing>)
          p.backend.multiply(inputs<P>(dx.elements, w, r, g), weights<P>(p.parameter(0), w, g), of_group);
      }
    }
  }

 private:
  static constexpr char const* name = N == 1 ? "conv_transpose1d" : "conv_transpose2d";

  /// The windows over the result, one for each place of the input.
  template <std::size_t... E> constexpr detail::window window(extents<E...> const& sample) const {
    static_assert(
        sizeof...(E) == N + 1,
        "fovea: a layer for images takes samples of (channels, height, width), and a one-dimensional one (channels, length)");
    detail::require_window(name, options());
    auto const axis = [&](std::size_t i) {
      auto const span = dilation.values[i] * (kernel_size.values[i] - 1) + 1;
      auto const padded = (sample.extent(1 + i) - 1) * stride.values[i] + span + output_padding.values[i];
      if (sample.extent(1 + i) == 0 || padded <= 2 * padding.values[i])
        throw shape_error(std::string(name) + ": padding leaves nothing of an axis of " +
                          std::to_string(sample.extent(1 + i)) + " places");
      return detail::window::axis{padded - 2 * padding.values[i], kernel_size.values[i], stride.values[i],
                                  padding.values[i], dilation.values[i]};
    };
    if constexpr (N == 1) return {out_channels, {1, 1, 1, 0, 1, false}, axis(0)};
    else return {out_channels, axis(0), axis(1)};
  }
  constexpr detail::window_options<N> options() const { return {kernel_size, stride, padding, dilation}; }
  template <class S> constexpr std::size_t window_numbers(S const& sample) const {
    auto const w = window(sample);
    return w.channels * w.kernel() * w.places();
  }
  template <class P, class T> using matrix_of = matrix_span<typename P::backend_type, T>;
  constexpr std::size_t elements(detail::window const& w) const { return w.channels / groups * w.kernel(); }
  /// Of one group: its weights (in, elements of a window), windows (elements, places), and a row's input (in, places).
  template <class P, class T> matrix_of<P, T> weights(T* all, detail::window const& w, std::size_t g) const {
    auto const rows = in_channels / groups;
    return {all + g * rows * elements(w), domain<>({rows, elements(w)})};
  }
  template <class P, class T> matrix_of<P, T> windows_of(T* all, detail::window const& w, std::size_t g) const {
    return {all + g * elements(w) * w.places(), domain<>({elements(w), w.places()})};
  }
  template <class P, class T>
  matrix_of<P, T> inputs(T* all, detail::window const& w, std::size_t r, std::size_t g) const {
    auto const rows = in_channels / groups;
    return {all + (r * groups + g) * rows * w.places(), domain<>({rows, w.places()})};
  }
};
template <std::size_t In = dynamic, std::size_t Out = dynamic>
using conv_transpose1d = transposed_convolution<1, In, Out>;
template <std::size_t In = dynamic, std::size_t Out = dynamic>
using conv_transpose2d = transposed_convolution<2, In, Out>;

}  // namespace fovea
