// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>

#include <fovea/layers/require_real.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/layers/window.hpp>

namespace fovea {

namespace formulas {

/// The largest element under a window, the first of several, or the first that is NaN.
template <class T> struct largest_of_window {
  detail::window w;
  T const* x;  // of one channel

  /// Returns its place in the channel.
  FOVEA_HD std::size_t operator()(std::size_t row, std::size_t column) const {
    auto const none = w.plane();
    std::size_t found = none;
    for (std::size_t ky = 0; ky != w.y.kernel; ++ky) {
      auto const y = w.y.input(row, ky);
      if (y >= w.y.extent) continue;
      for (std::size_t kx = 0; kx != w.x.kernel; ++kx) {
        auto const c = w.x.input(column, kx);
        if (c >= w.x.extent) continue;
        auto const at = y * w.x.extent + c;
        if (found == none || x[at] > x[found] || (x[at] != x[at] && x[found] == x[found])) found = at;
      }
    }
    return found;
  }
};
/// Writes one row of a channel's windows.
template <class T> struct max_pool {
  detail::window w;
  T const* x;
  T* y;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i % w.y.places(), columns = w.x.places();
    auto const* const channel = x + i / w.y.places() * w.plane();
    largest_of_window<T> const largest{w, channel};
    for (std::size_t c = 0; c != columns; ++c) y[i * columns + c] = channel[largest(row, c)];
  }
};
/// Writes one channel of dx: each window's slope goes to its largest element.
template <class T> struct max_pool_slope {
  detail::window w;
  T const *x, *dy;
  T* dx;
  FOVEA_HD void operator()(std::size_t channel) const {
    auto const n = w.plane(), rows = w.y.places(), columns = w.x.places();
    T* const to = dx + channel * n;
    for (std::size_t i = 0; i != n; ++i) to[i] = T(0);
    largest_of_window<T> const largest{w, x + channel * n};
    for (std::size_t r = 0; r != rows; ++r)
      for (std::size_t c = 0; c != columns; ++c) to[largest(r, c)] += dy[(channel * rows + r) * columns + c];
  }
};

/// Calls f for each place of the input under a window and returns the number that the mean divides by.
struct mean_of_window {
  detail::window w;
  bool count_include_pad;

  template <class F> FOVEA_HD std::size_t operator()(std::size_t row, std::size_t column, F const& f) const {
    std::size_t n = 0;
    for (std::size_t ky = 0; ky != w.y.kernel; ++ky) {
      auto const y = w.y.input(row, ky);
      if (y >= w.y.extent) continue;
      for (std::size_t kx = 0; kx != w.x.kernel; ++kx) {
        auto const c = w.x.input(column, kx);
        if (c >= w.x.extent) continue;
        f(y * w.x.extent + c);
        ++n;
      }
    }
    return count_include_pad ? w.y.inside(row) * w.x.inside(column) : n;
  }
};
template <class T> struct avg_pool {
  mean_of_window mean;
  T const* x;
  T* y;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const& w = mean.w;
    auto const row = i % w.y.places(), columns = w.x.places();
    auto const* const channel = x + i / w.y.places() * w.plane();
    for (std::size_t c = 0; c != columns; ++c) {
      T sum = T(0);
      auto const n = mean(row, c, [&](std::size_t at) { sum += channel[at]; });
      y[i * columns + c] = sum / static_cast<T>(n);
    }
  }
};
template <class T> struct avg_pool_slope {
  mean_of_window mean;
  T const* dy;
  T* dx;
  FOVEA_HD void operator()(std::size_t channel) const {
    auto const& w = mean.w;
    auto const n = w.plane(), rows = w.y.places(), columns = w.x.places();
    T* const to = dx + channel * n;
    for (std::size_t i = 0; i != n; ++i) to[i] = T(0);
    for (std::size_t r = 0; r != rows; ++r)
      for (std::size_t c = 0; c != columns; ++c) {
        auto const divisor = mean(r, c, [](std::size_t) {});
        auto const share = dy[(channel * rows + r) * columns + c] / static_cast<T>(divisor);
        mean(r, c, [&](std::size_t at) { to[at] += share; });
      }
  }
};
/// Spreads a channel's slope over its places.
struct share_of_channel {
  double share;
  template <class T> FOVEA_HD constexpr void operator()(T& dx, T const& dy) const {
    dx = dy * math::constant<T>(share);
  }
};

}  // namespace formulas

namespace detail {

/// The options that all pools have. The padding is at most half of the kernel, so that no window is padding alone.
template <std::size_t N, class L> struct pool {
  static constexpr window_options<N> options(L const& l) {
    per_axis<N> dilation = 1;
    if constexpr (requires { l.dilation; }) dilation = l.dilation;
    return {l.kernel_size, l.stride.value_or(l.kernel_size), l.padding, dilation, l.ceil_mode};
  }
  template <class S> static constexpr window over(L const& l, S const& sample) {
    return detail::window_over(L::name, sample, options(l));
  }
  template <std::size_t... E> static constexpr auto output(L const& l, extents<E...> const& sample) {
    return detail::windowed_sample<static_shape<E...>::all[0], N>(over(l, sample), sample.extent(0));
  }
  static constexpr void validate(L const& l) {
    detail::require_window(L::name, options(l));
    for (std::size_t i = 0; i != N; ++i)
      if (2 * l.padding.values[i] > l.kernel_size.values[i])
        throw argument_error(std::string(L::name) + ": padding must be at most half of kernel_size, got " +
                             std::to_string(l.padding.values[i]) + " of " + std::to_string(l.kernel_size.values[i]));
  }
};

/// Returns the number of channels of all rows of a batch.
template <class X> std::size_t channels_of(X const& x) { return x.extents.extent(0) * x.extents.extent(1); }

}  // namespace detail

/// The largest element under each window over the N last axes of a sample (channels, ...): PyTorch's MaxPool1d and MaxPool2d.
/// Without a stride, the windows lie side by side. With `ceil_mode`, a last window may end after the padding. The result of a window
/// with a NaN is NaN. `validate()` throws `argument_error` for an option outside its domain, such as a padding of more than half of
/// the kernel; a kernel larger than its padded input is a `shape_error`.
///
///     fovea::max_pool2d{2}
///     fovea::max_pool2d{.kernel_size = {3, 2}, .stride = 2, .padding = 1}
template <std::size_t N> struct max_pool {
  per_axis<N> kernel_size = 0;
  std::optional<per_axis<N>> stride = std::nullopt;
  per_axis<N> padding = 0, dilation = 1;
  bool ceil_mode = false;

  static constexpr char const* name = N == 1 ? "max_pool1d" : "max_pool2d";
  template <class S> constexpr auto output(S const& sample) const {
    validate();
    return detail::pool<N, max_pool>::output(*this, sample);
  }
  constexpr void validate() const { detail::pool<N, max_pool>::validate(*this); }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) {
      auto const w = detail::pool<N, max_pool>::over(*this, fovea::sample_of(x));
      using T = typename P::value_type;
      p.backend.for_each_index(detail::channels_of(x) * w.y.places(),
                               formulas::max_pool<T>{w, fovea::read_only(x).elements, y.elements});
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) {
      auto const w = detail::pool<N, max_pool>::over(*this, fovea::sample_of(x));
      using T = typename P::value_type;
      p.backend.for_each_index(
          detail::channels_of(x),
          formulas::max_pool_slope<T>{w, fovea::read_only(x).elements, fovea::read_only(dy).elements, dx.elements});
    }
  }
};
using max_pool1d = max_pool<1>;
using max_pool2d = max_pool<2>;

/// The mean of the elements under each window, as `max_pool`: PyTorch's AvgPool1d and AvgPool2d. Padding counts as 0, or, without
/// `count_include_pad`, not at all.
template <std::size_t N> struct avg_pool {
  per_axis<N> kernel_size = 0;
  std::optional<per_axis<N>> stride = std::nullopt;
  per_axis<N> padding = 0;
  bool ceil_mode = false, count_include_pad = true;

  static constexpr char const* name = N == 1 ? "avg_pool1d" : "avg_pool2d";
  template <class S> constexpr auto output(S const& sample) const {
    validate();
    return detail::pool<N, avg_pool>::output(*this, sample);
  }
  constexpr void validate() const { detail::pool<N, avg_pool>::validate(*this); }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) {
      auto const mean = mean_over(fovea::sample_of(x));
      using T = typename P::value_type;
      p.backend.for_each_index(detail::channels_of(x) * mean.w.y.places(),
                               formulas::avg_pool<T>{mean, fovea::read_only(x).elements, y.elements});
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) {
      using T = typename P::value_type;
      p.backend.for_each_index(
          detail::channels_of(x),
          formulas::avg_pool_slope<T>{mean_over(fovea::sample_of(x)), fovea::read_only(dy).elements, dx.elements});
    }
  }

 private:
  template <class S> formulas::mean_of_window mean_over(S const& sample) const {
    return {detail::pool<N, avg_pool>::over(*this, sample), count_include_pad};
  }
};
using avg_pool1d = avg_pool<1>;
using avg_pool2d = avg_pool<2>;

/// The mean of each channel, the first axis of a sample, over all other axes: PyTorch's AdaptiveAvgPool2d(1) and a flatten.
struct global_avg_pool {
  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    static_assert(sizeof...(E) > 1, "global_avg_pool: takes samples of (channels, ...)");
    return extents<detail::static_shape<E...>::all[0]>({sample.extent(0)});
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) {
      using T = typename P::value_type;
      auto const places = channels(x);
      p.backend.reduce(places, identity_formula{}, std::tuple{by_row{y.elements}}, each{fovea::read_only(x).elements});
      p.backend.for_each(domain<1, dynamic>({1, places.extent(0)}),
                         formulas::times<T>{T(1) / static_cast<T>(places.extent(1))}, each{y.elements});
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) {
      auto const places = channels(x);
      p.backend.for_each(places, formulas::share_of_channel{1 / static_cast<double>(places.extent(1))},
                         out{dx.elements}, per_row{fovea::read_only(dy).elements});
    }
  }

 private:
  /// A row is a channel of a row of the batch.
  template <class X> static domain<> channels(X const& x) {
    auto const rows = detail::channels_of(x);
    return domain<>({rows, x.extents.size() / rows});
  }
};

}  // namespace fovea
