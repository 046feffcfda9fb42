// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include <fovea/layers/planes.hpp>

namespace fovea {

/// What `upsample` makes of neighbours: the nearest one, or their mean by distance, in two dimensions PyTorch's "bilinear".
enum class interpolation { nearest, linear };

namespace formulas {

/// Where place i of an enlarged axis lies in the input: between two places, `share` of the way to the second.
struct axis_scaling {
  std::size_t extent, count;
  bool align_corners;

  struct between {
    std::size_t first, second;
    double share;
  };
  FOVEA_HD constexpr std::size_t nearest(std::size_t i) const { return i * extent / count; }
  FOVEA_HD constexpr between linear(std::size_t i) const {
    double at = 0;
    if (!align_corners) {
      at = (static_cast<double>(i) + 0.5) * (static_cast<double>(extent) / static_cast<double>(count)) - 0.5;
      if (at < 0) at = 0;
    } else if (count > 1) {
      at = static_cast<double>(i) * (static_cast<double>(extent - 1) / static_cast<double>(count - 1));
    }
    auto first = static_cast<std::size_t>(at);
    if (first > extent - 1) first = extent - 1;
    return {first, first + (first + 1 < extent ? 1 : 0), at - static_cast<double>(first)};
  }
};
struct scale_plane {
  axis_scaling y, x;
  bool is_linear;

  FOVEA_HD constexpr std::size_t plane() const { return y.extent * x.extent; }
  FOVEA_HD constexpr std::size_t rows() const { return y.count; }
  FOVEA_HD constexpr std::size_t columns() const { return x.count; }
  template <class T> FOVEA_HD T read(T const* from, std::size_t row, std::size_t column) const {
    if (!is_linear) return from[y.nearest(row) * x.extent + x.nearest(column)];
    auto const v = y.linear(row), h = x.linear(column);
    T const across = static_cast<T>(h.share), down = static_cast<T>(v.share);
    auto const mean = [&](T const* line) { return (T(1) - across) * line[h.first] + across * line[h.second]; };
    return (T(1) - down) * mean(from + v.first * x.extent) + down * mean(from + v.second * x.extent);
  }
  template <class T> FOVEA_HD void add(T* to, T const*, std::size_t row, std::size_t column, T slope) const {
    if (!is_linear) {
      to[y.nearest(row) * x.extent + x.nearest(column)] += slope;
      return;
    }
    auto const v = y.linear(row), h = x.linear(column);
    T const across = static_cast<T>(h.share), down = static_cast<T>(v.share);
    auto const share = [&](T* line, T part) {
      line[h.first] += (T(1) - across) * part;
      line[h.second] += across * part;
    };
    share(to + v.first * x.extent, (T(1) - down) * slope);
    share(to + v.second * x.extent, down * slope);
  }
};

}  // namespace formulas

/// Makes the N last axes of a sample (channels, ...) longer, `scale_factor` times or to `size`, by repeating the nearest element or
/// by linear interpolation: PyTorch's Upsample, whose scale factors are here whole numbers. With `align_corners`, the outer
/// elements stay where they are. `validate()` throws `argument_error` unless exactly one of size and scale factor is given, of at
/// least 1, and for `align_corners` without interpolation.
///
///     fovea::upsample2d{.scale_factor = 2}
///     fovea::upsample2d{.size = {{32, 48}}, .mode = fovea::interpolation::linear}
template <std::size_t N> struct upsample {
  std::optional<per_axis<N>> size = std::nullopt, scale_factor = std::nullopt;
  interpolation mode = interpolation::nearest;
  bool align_corners = false;

  template <class S> constexpr auto output(S const& sample) const {
    validate();
    return detail::sample_of_planes<N>(sample, map(sample));
  }
  constexpr void validate() const {
    char const* const name = N == 1 ? "upsample1d" : "upsample2d";
    if (size.has_value() == scale_factor.has_value())
      throw argument_error(std::string(name) + ": takes either size or scale_factor, got " + (size ? "both" : "none"));
    if (size) detail::require_sizes(name, "size", *size);
    else detail::require_sizes(name, "scale_factor", *scale_factor);
    if (align_corners && mode == interpolation::nearest)
      throw argument_error(std::string(name) + ": align_corners is an option of linear interpolation, got nearest");
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    detail::map_planes(p, map(fovea::sample_of(x)), x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    detail::map_slopes(p, map(fovea::sample_of(x)), x, dy, dx);
  }

 private:
  template <class S> constexpr formulas::scale_plane map(S const& sample) const {
    auto const plane = detail::plane_of<N>(sample);
    auto const axis = [&](std::size_t i) -> formulas::axis_scaling {
      auto const extent = plane[2 - N + i];
      return {extent, size ? size->values[i] : extent * scale_factor->values[i], align_corners};
    };
    bool const is_linear = mode == interpolation::linear;
    if constexpr (N == 1) return {{1, 1, false}, axis(0), is_linear};
    else return {axis(0), axis(1), is_linear};
  }
};
using upsample1d = upsample<1>;
using upsample2d = upsample<2>;
static_assert(layer<upsample2d, extents<2, 3, 4>>);

}  // namespace fovea
