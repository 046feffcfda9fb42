// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <fovea/layers/layer.hpp>

namespace fovea {

/// One number for each spatial axis of a sample: the same for all of them, or height and width: `2`, `{2, 1}`.
template <std::size_t N> struct per_axis {
  std::size_t values[N];

  constexpr per_axis(std::size_t all) {
    for (auto& v : values) v = all;
  }
  constexpr per_axis(std::size_t height, std::size_t width)
    requires(N == 2)
      : values{height, width} {}
};

namespace detail {

/// A window that slides over the spatial axes of samples (channels, height, width). Places of a window outside of the sample are
/// padding. A sample of one spatial axis has the height 1.
struct window {
  struct axis {
    std::size_t extent, kernel, stride, padding, dilation;
    bool ceil = false;  // a last window may end after the padding, if it does not begin there

    FOVEA_HD constexpr std::size_t span() const { return dilation * (kernel - 1) + 1; }
    FOVEA_HD constexpr std::size_t places() const {
      auto const left = extent + 2 * padding - span(), whole = left / stride + 1;
      return whole + (ceil && left % stride != 0 && whole * stride < extent + padding ? 1 : 0);
    }
    /// The places of window i in the padded sample.
    FOVEA_HD constexpr std::size_t inside(std::size_t i) const {
      auto const left = extent + 2 * padding - i * stride;
      return kernel < left ? kernel : left;
    }
    /// The input's place at the kernel's element k of window i, or at least `extent` if that is padding.
    FOVEA_HD constexpr std::size_t input(std::size_t i, std::size_t k) const {
      return i * stride + k * dilation - padding;  // below 0, it wraps
    }
    /// The windows whose element k lies in the sample are those from `first` to before `last`.
    FOVEA_HD constexpr std::size_t first(std::size_t k) const {
      return k * dilation >= padding ? 0 : (padding - k * dilation + stride - 1) / stride;
    }
    FOVEA_HD constexpr std::size_t last(std::size_t k) const {
      auto const end = extent + padding;
      if (end <= k * dilation) return 0;
      auto const n = (end - k * dilation - 1) / stride + 1;
      return n < places() ? n : places();
    }
  };
  std::size_t channels;
  axis y, x;

  FOVEA_HD constexpr std::size_t plane() const { return y.extent * x.extent; }
  FOVEA_HD constexpr std::size_t kernel() const { return y.kernel * x.kernel; }
  FOVEA_HD constexpr std::size_t places() const { return y.places() * x.places(); }
  /// True if each place is its own window.
  constexpr bool is_identity() const {
    auto const is = [](axis const& a) { return a.kernel == 1 && a.stride == 1 && a.padding == 0; };
    return is(y) && is(x);
  }
};

/// The numbers of a window along each spatial axis, as a layer's options have them.
template <std::size_t N> struct window_options {
  per_axis<N> kernel, stride, padding, dilation;
  bool ceil = false;
};

/// Throws `argument_error` unless these are the numbers of a window.
template <std::size_t N> constexpr void require_window(char const* who, window_options<N> const& options) {
  auto const hold = [&](per_axis<N> const& numbers, std::size_t smallest, char const* what) {
    for (auto const v : numbers.values)
      if (v < smallest || v > 1'000'000)
        throw argument_error(std::string(who) + ": " + what + " must be from " + std::to_string(smallest) +
                             " to 1000000, got " + std::to_string(v));
  };
  hold(options.kernel, 1, "kernel_size");
  hold(options.stride, 1, "stride");
  hold(options.padding, 0, "padding");
  hold(options.dilation, 1, "dilation");
}

/// Throws. In a constant expression the compiler names the function, so its name is the sentence.
[[noreturn]] inline void the_kernel_is_larger_than_its_padded_input(char const* who, window::axis const& a) {
  throw shape_error(std::string(who) + ": the kernel spans " + std::to_string(a.span()) + " places, of " +
                    std::to_string(a.extent + 2 * a.padding) + " in the padded input");
}

/// Returns the window over samples of these extents; throws `shape_error` if it is larger than the padded sample.
template <std::size_t N, std::size_t... E>
constexpr window window_over(char const* who, extents<E...> const& sample, window_options<N> const& options) {
  static_assert(
      sizeof...(E) == N + 1,
      "fovea: a layer for images takes samples of (channels, height, width), and a one-dimensional one (channels, length)");
  detail::require_window(who, options);
  window all{sample.extent(0), {1, 1, 1, 0, 1, false}, {}};
  for (std::size_t i = 0; i != N; ++i) {
    auto& a = i + 1 == N ? all.x : all.y;
    a = {sample.extent(1 + i),      options.kernel.values[i],   options.stride.values[i],
         options.padding.values[i], options.dilation.values[i], options.ceil};
    if (a.extent + 2 * a.padding < a.span()) detail::the_kernel_is_larger_than_its_padded_input(who, a);
  }
  return all;
}

/// Returns the sample of as many places as there are windows.
template <std::size_t Channels, std::size_t N> constexpr auto windowed_sample(window const& w, std::size_t channels) {
  if constexpr (N == 1) return extents<Channels, dynamic>({channels, w.x.places()});
  else return extents<Channels, dynamic, dynamic>({channels, w.y.places(), w.x.places()});
}

}  // namespace detail

}  // namespace fovea
