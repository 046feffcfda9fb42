// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>

#include <fovea/layers/channels.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/layers/window.hpp>
#include <fovea/tensor/multiply_batch.hpp>

namespace fovea {

namespace formulas {

/// Writes the input under element k of each window of one row of windows, padding as 0: a row of the matrix whose product with the
/// weights is the convolution (im2col). Rows are ordered (sample, channel, kernel element), columns are windows.
template <class T> struct gather_windows {
  detail::window w;
  T const* x;
  T* destination;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const rows = w.y.places(), columns = w.x.places();
    auto const row = i % rows, element = i / rows % w.kernel(), channel = i / rows / w.kernel();
    auto const k = element % w.x.kernel, in = w.y.input(row, element / w.x.kernel);
    T* const into = destination + i * columns;
    auto const inside = in < w.y.extent;
    auto const first = inside ? w.x.first(k) : columns, last = inside ? w.x.last(k) : columns;
    for (std::size_t c = 0; c < first && c != columns; ++c) into[c] = T(0);
    if (first < last) {
      T const* const from = x + (channel * w.y.extent + in) * w.x.extent + w.x.input(first, k);
      if (w.x.stride == 1)
        for (std::size_t c = first; c != last; ++c) into[c] = from[c - first];
      else
        for (std::size_t c = first; c != last; ++c) into[c] = from[(c - first) * w.x.stride];
    }
    for (std::size_t c = last; c < columns; ++c) into[c] = T(0);
  }
};
/// Adds up, for each place of one row of the input, what the windows over it hold for it (col2im).
template <class T> struct scatter_windows {
  detail::window w;
  T const* source;
  T* dx;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const rows = w.y.places(), columns = w.x.places();
    auto const in = i % w.y.extent, channel = i / w.y.extent;
    T* const into = dx + i * w.x.extent;
    for (std::size_t c = 0; c != w.x.extent; ++c) into[c] = T(0);
    for (std::size_t ky = 0; ky != w.y.kernel; ++ky) {
      auto const at = in + w.y.padding - ky * w.y.dilation;  // where it is negative, it wraps, and is no window
      auto const row = at / w.y.stride;
      if (at % w.y.stride != 0 || row >= rows) continue;
      for (std::size_t k = 0; k != w.x.kernel; ++k) {
        auto const first = w.x.first(k), last = w.x.last(k);
        if (first >= last) continue;
        T const* const windows = source + ((channel * w.kernel() + ky * w.x.kernel + k) * rows + row) * columns;
        T* const places = into + w.x.input(first, k);
        if (w.x.stride == 1)
          for (std::size_t c = first; c != last; ++c) places[c - first] += windows[c];
        else
          for (std::size_t c = first; c != last; ++c) places[(c - first) * w.x.stride] += windows[c];
      }
    }
  }
};

}  // namespace formulas

namespace detail {

/// A convolution, some samples at once: each sample's output (channels made, windows) is the product of the weights and the matrix of its windows.
struct tiled_convolution {
  window w;
  std::size_t made, groups;
  bool bias;

  static constexpr std::size_t tile_bytes = 1 << 20;

  constexpr std::size_t elements() const { return w.channels / groups * w.kernel(); }
  constexpr std::size_t windows_of_sample() const { return w.channels * w.kernel() * w.places(); }
  /// The samples whose windows are written at once.
  template <class T> constexpr std::size_t tile(std::size_t rows) const {
    auto const one = windows_of_sample() * sizeof(T);
    return (std::max)(std::size_t{1}, (std::min)(rows, tile_bytes / one));
  }
  template <class P> constexpr std::size_t window_bytes(std::size_t rows) const {
    using T = typename P::value_type;
    return P::bytes(tile<T>(rows) * windows_of_sample());
  }
  template <class P> constexpr memory needs(std::size_t rows) const {
    return {0, window_bytes<P>(rows) + fovea::summed_bytes<P>(made, 1, bias) +
                   (P::differentiates ? P::bytes(rows * made) : std::size_t{0})};
  }

  template <class P, class T, class F> void forward(P const& p, std::size_t rows, T const* x, T* y, F const& f) const {
    auto const* const biases = fovea::parameter_or(p, bias, 1, made, 0, p.scratch + window_bytes<P>(rows));
    for_each_tile<T>(rows, [&](std::size_t first, std::size_t count) {
      auto const* const windows = gather(p, x, first, count);
      for (std::size_t g = 0; g != groups; ++g)
        fovea::multiply_batch(p.backend, {count, made * w.places(), 0, windows_of_sample()}, outputs<P>(y, first, g),
                              weights<P>(p.parameter(0), g), windows_at<P>(windows, 0, g), {}, formulas::add_bias<F>{f},
                              per_row{biases + g * made / groups});
    });
  }
  template <class P, class T, class DX, class Prologue>
  void backward(P const& p, std::size_t rows, T const* x, T const* y, T* dy, DX const& dx,
                Prologue const& prologue) const {
    using matrix = matrix_span<typename P::backend_type, T>;
    using constant = matrix_span<typename P::backend_type, T const>;
    extents<dynamic, dynamic> const channels({rows * made, w.places()});
    auto const fold = [&](T* to) {
      auto* const sums =
          reinterpret_cast<T*>(p.scratch + window_bytes<P>(rows) + fovea::summed_bytes<P>(made, 1, bias));
      prologue(p.backend, constant{y, channels}, matrix{dy, channels}, identity_formula{}, by_row{sums});
      p.backend.for_each_index(made, formulas::fold_channel<T>{sums, to, rows, made});
    };
    auto own = p;
    own.scratch += window_bytes<P>(rows);
    fovea::sum_gradients<1>(own, made, fold, bias);

    auto* const scratch = reinterpret_cast<T*>(p.scratch);
    for_each_tile<T>(rows, [&](std::size_t first, std::size_t count) {
      auto const* const windows = gather(p, x, first, count);
      for (std::size_t r = 0; r != count; ++r)
        for (std::size_t g = 0; g != groups; ++g)
          p.backend.multiply(weights<P>(p.gradient_of(0), g), outputs<P>(read_only(dy), first + r, g),
                             fovea::transposed(windows_at<P>(windows, r, g)),
                             {.accumulate = P::accumulates || first + r != 0});
      if constexpr (!std::same_as<DX, nothing>) {
        auto* const to = dx + first * w.channels * w.plane();
        auto* const slopes = w.is_identity() ? to : scratch;
        for (std::size_t g = 0; g != groups; ++g)
          fovea::multiply_batch(p.backend, {count, windows_of_sample(), 0, made * w.places()},
                                windows_at<P>(slopes, 0, g), fovea::transposed(weights<P>(p.parameter(0), g)),
                                outputs<P>(read_only(dy), first, g));
        if (!w.is_identity())
          p.backend.for_each_index(count * w.channels * w.y.extent, formulas::scatter_windows<T>{w, slopes, to});
      }
    });
  }

 private:
  template <class T> static T const* read_only(T* p) { return p; }
  template <class P, class T> using matrix_of = matrix_span<typename P::backend_type, T>;

  template <class T, class F> void for_each_tile(std::size_t rows, F const& f) const {
    auto const n = tile<T>(rows);
    for (std::size_t first = 0; first < rows; first += n) f(first, (std::min)(n, rows - first));
  }
  /// Returns the windows of some samples: written to scratch, or the samples themselves.
  template <class P, class T> T const* gather(P const& p, T const* x, std::size_t first, std::size_t count) const {
    auto const* const from = x + first * w.channels * w.plane();
    if (w.is_identity()) return from;
    auto* const to = reinterpret_cast<T*>(p.scratch);
    p.backend.for_each_index(count * w.channels * w.kernel() * w.y.places(), formulas::gather_windows<T>{w, from, to});
    return to;
  }
  template <class P, class T> matrix_of<P, T> weights(T* all, std::size_t g) const {
    auto const rows = made / groups;
    return {all + g * rows * elements(), extents<dynamic, dynamic>({rows, elements()})};
  }
  template <class P, class T> matrix_of<P, T> windows_at(T* all, std::size_t r, std::size_t g) const {
    return {all + (r * groups + g) * elements() * w.places(), extents<dynamic, dynamic>({elements(), w.places()})};
  }
  template <class P, class T> matrix_of<P, T> outputs(T* all, std::size_t r, std::size_t g) const {
    auto const rows = made / groups;
    return {all + (r * groups + g) * rows * w.places(), extents<dynamic, dynamic>({rows, w.places()})};
  }
};

/// Throws. In a constant expression the compiler names the function, so its name is the sentence.
[[noreturn]] inline void the_groups_do_not_divide_the_channels(char const* who, std::size_t in, std::size_t out,
                                                               std::size_t groups) {
  throw argument_error(std::string(who) + ": groups must divide the channels, " + std::to_string(in) + " in and " +
                       std::to_string(out) + " out, got " + std::to_string(groups));
}
constexpr void require_groups(char const* who, std::size_t in, std::size_t out, std::size_t groups) {
  if (groups == 0 || in % groups != 0 || out % groups != 0)
    detail::the_groups_do_not_divide_the_channels(who, in, out, groups);
}
/// Throws `shape_error` unless the sample has the channels that a convolution takes.
template <std::size_t In, std::size_t... E>
constexpr void require_channels(char const* who, extent<In> in, extents<E...> const& sample) {
  constexpr std::size_t given = detail::static_shape<E...>::all[0];
  constexpr bool may_fit = given == In || given == dynamic || In == dynamic;
  static_assert(may_fit, "fovea: a convolution takes another number of channels than the layer before it gives");
  if (may_fit && sample.extent(0) != in)
    throw shape_error(std::string(who) + " takes " + std::to_string(in) + " channels, the layer before it gives " +
                      std::to_string(sample.extent(0)));
}
/// Throws `argument_error` unless these are the numbers of a convolution.
template <std::size_t N>
void require_convolution(char const* who, window_options<N> const& options, std::size_t in, std::size_t out,
                         std::size_t groups) {
  detail::require_window(who, options);
  if (in == 0 || out == 0) throw argument_error(std::string(who) + ": in_channels and out_channels must be at least 1");
  detail::require_groups(who, in, out, groups);
}

}  // namespace detail

/// A convolution over the N last axes of a sample (channels, ...), with weight of shape (out, in / groups, kernel...) and bias of
/// shape (out), which `bias = false` leaves out: PyTorch's Conv1d and Conv2d. `conv1d<In, Out>` takes samples (In, length),
/// `conv2d<In, Out>` (In, height, width); channels known only at run time are `conv2d<>{.in_channels = 3, .out_channels = 16, .kernel_size = 5}`.
///
/// Sizes are one number for all axes, or `{height, width}`. Parameters start uniform in +-1/sqrt(inputs of an output), as in
/// PyTorch. `validate()` throws `argument_error` for an option outside its domain, and for groups that do not divide the channels; a
/// kernel larger than its padded input is a `shape_error`. Where a network is constexpr, it does not compile.
///
///     constexpr fovea::sequential net{fovea::input<1, 28, 28>{}, fovea::conv2d<1, 16>{.kernel_size = 3, .padding = 1},
///                                     fovea::relu{}, fovea::max_pool2d{2}, fovea::flatten{}, fovea::linear<16 * 14 * 14, 10>{}};
template <std::size_t N, std::size_t In, std::size_t Out> struct convolution {
  [[no_unique_address]] extent<In> in_channels = {};
  [[no_unique_address]] extent<Out> out_channels = {};
  per_axis<N> kernel_size = 0, stride = 1, padding = 0, dilation = 1;
  std::size_t groups = 1;
  bool bias = true;

  static constexpr bool takes_epilogue = true;

  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    detail::require_channels(name, in_channels, sample);
    detail::require_groups(name, in_channels, out_channels, groups);
    return detail::windowed_sample<Out, N>(detail::window_over(name, sample, options()), out_channels);
  }
  template <class S> constexpr parameter_list<2> parameters(S const&) const {
    std::array<std::size_t, N + 2> weight{out_channels, in_channels / groups};
    for (std::size_t i = 0; i != N; ++i) weight[i + 2] = kernel_size.values[i];
    return {{{{"weight", shape(weight)}, {"bias", shape(std::array<std::size_t, 1>{out_channels})}}}, bias ? 2u : 1u};
  }
  void validate() const { detail::require_convolution(name, options(), in_channels, out_channels, groups); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    auto const inputs = all(sample).elements();
    double const bound = 1 / std::sqrt(static_cast<double>(inputs));
    to.uniform(0, out_channels * inputs, bound);
    if (bias) to.uniform(1, out_channels, bound);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return all(sample).template needs<P>(rows);
  }

  /// Computes y = f(convolution + bias): bias and f are the epilogue of the products.
  template <class P, class X, class Y, class F = identity_formula>
  void forward(P const& p, X const& x, Y const& y, F const& f = {}) const {
    if constexpr (detail::require_real<X>())
      all(fovea::sample_of(x)).forward(p, fovea::rows_of(x), fovea::read_only(x).elements, y.elements, f);
  }
  /// The bias's gradient comes from the pass that the prologue runs over dy, if that takes any matrix of its elements.
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    auto const run = [&](auto const& fold) {
      auto const core = all(fovea::sample_of(x));
      auto const rows = fovea::rows_of(x);
      auto const *const from = fovea::read_only(x).elements, *const made = fovea::read_only(y).elements;
      if constexpr (std::same_as<DX, nothing>) core.backward(p, rows, from, made, dy.elements, dx, fold);
      else core.backward(p, rows, from, made, dy.elements, dx.elements, fold);
    };
    if constexpr (any_matrix<Prologue>) {
      run(prologue);
    } else {
      prologue(p.backend, fovea::as_last_axis(y), fovea::as_last_axis(dy), identity_formula{});
      run(no_prologue{});
    }
  }

 private:
  static constexpr char const* name = N == 1 ? "conv1d" : "conv2d";
  constexpr detail::window_options<N> options() const { return {kernel_size, stride, padding, dilation}; }
  template <class S> constexpr detail::tiled_convolution all(S const& sample) const {
    return {detail::window_over(name, sample, options()), out_channels, groups, bias};
  }
};
template <std::size_t In = dynamic, std::size_t Out = dynamic> using conv1d = convolution<1, In, Out>;
template <std::size_t In = dynamic, std::size_t Out = dynamic> using conv2d = convolution<2, In, Out>;

}  // namespace fovea
