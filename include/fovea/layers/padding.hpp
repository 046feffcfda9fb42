// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fovea/layers/planes.hpp>

namespace fovea {

/// The elements to add on each side of the N last axes: the same number on all, or, in PyTorch's order, `{left, right}` and
/// `{left, right, top, bottom}`.
template <std::size_t N> struct sides {
  std::size_t values[2 * N];

  constexpr sides(std::size_t all) {
    for (auto& v : values) v = all;
  }
  constexpr sides(std::size_t left, std::size_t right)
    requires(N == 1)
      : values{left, right} {}
  constexpr sides(std::size_t left, std::size_t right, std::size_t top, std::size_t bottom)
    requires(N == 2)
      : values{left, right, top, bottom} {}
};

/// What padding is made of: one number, the elements mirrored at the outer ones, or copies of the outer ones.
enum class padding_mode { constant, reflect, replicate };

namespace formulas {

struct axis_padding {
  std::size_t extent, before, after;
  FOVEA_HD constexpr std::size_t count() const { return extent + before + after; }
  /// The input's place that place i is a copy of, or `extent` where there is none.
  template <padding_mode Mode> FOVEA_HD constexpr std::size_t source(std::size_t i) const {
    auto const end = before + extent;
    if (i >= before && i < end) return i - before;
    if constexpr (Mode == padding_mode::constant) return extent;
    else if constexpr (Mode == padding_mode::reflect) return i < before ? before - i : extent - 2 - (i - end);
    else return i < before ? 0 : extent - 1;
  }
};
template <padding_mode Mode> struct pad_plane {
  axis_padding y, x;
  double value;

  FOVEA_HD constexpr std::size_t plane() const { return y.extent * x.extent; }
  FOVEA_HD constexpr std::size_t rows() const { return y.count(); }
  FOVEA_HD constexpr std::size_t columns() const { return x.count(); }
  template <class T> FOVEA_HD T read(T const* from, std::size_t row, std::size_t column) const {
    auto const r = y.source<Mode>(row), c = x.source<Mode>(column);
    return r < y.extent && c < x.extent ? from[r * x.extent + c] : static_cast<T>(value);
  }
  template <class T> FOVEA_HD void add(T* to, T const*, std::size_t row, std::size_t column, T slope) const {
    auto const r = y.source<Mode>(row), c = x.source<Mode>(column);
    if (r < y.extent && c < x.extent) to[r * x.extent + c] += slope;
  }
};

}  // namespace formulas

namespace detail {

template <padding_mode Mode, std::size_t N, class S>
constexpr formulas::pad_plane<Mode> pad_of(S const& sample, sides<N> const& padding, double value = 0) {
  auto const plane = detail::plane_of<N>(sample);
  auto const axis = [&](std::size_t i) -> formulas::axis_padding {
    auto const before = padding.values[2 * i], after = padding.values[2 * i + 1], extent = plane[1 - i];
    if (before > 1'000'000 || after > 1'000'000)
      throw argument_error("padding must be from 0 to 1000000, got " + std::to_string(before > after ? before : after));
    if (Mode == padding_mode::reflect && (before >= extent || after >= extent))
      throw shape_error("reflection_pad: padding must be below the extent, " + std::to_string(extent) + ", got " +
                        std::to_string(before > after ? before : after));
    return {extent, before, after};
  };
  if constexpr (N == 1) return {{1, 0, 0}, axis(0), value};
  else return {axis(1), axis(0), value};
}

}  // namespace detail

/// Adds elements of one number around the N last axes of a sample (channels, ...), by default zeros: PyTorch's ConstantPad1d,
/// ConstantPad2d and ZeroPad2d. More than 1000000 on a side is an `argument_error`.
///
///     fovea::zero_pad2d{1}
///     fovea::constant_pad2d{.padding = {1, 0, 2, 1}, .value = -1}
template <std::size_t N> struct constant_pad {
  sides<N> padding = 0;
  double value = 0;

  template <class S> constexpr auto output(S const& sample) const {
    return detail::sample_of_planes<N>(sample, map(sample));
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    detail::map_planes(p, map(fovea::sample_of(x)), x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    detail::map_slopes(p, map(fovea::sample_of(x)), x, dy, dx);
  }

 private:
  template <class S> constexpr auto map(S const& sample) const {
    return detail::pad_of<padding_mode::constant, N>(sample, padding, value);
  }
};
using constant_pad1d = constant_pad<1>;
using constant_pad2d = constant_pad<2>;
using zero_pad1d = constant_pad<1>;
using zero_pad2d = constant_pad<2>;

/// Adds copies of the elements around the N last axes of a sample (channels, ...): mirrored at the outer ones, PyTorch's
/// ReflectionPad1d and ReflectionPad2d, or of the outer ones, PyTorch's ReplicationPad1d and ReplicationPad2d. A reflection of as
/// many elements as the axis has is a `shape_error`.
///
///     fovea::reflection_pad2d{2}
template <std::size_t N, padding_mode Mode> struct copying_pad {
  sides<N> padding = 0;

  template <class S> constexpr auto output(S const& sample) const {
    return detail::sample_of_planes<N>(sample, map(sample));
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    detail::map_planes(p, map(fovea::sample_of(x)), x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    detail::map_slopes(p, map(fovea::sample_of(x)), x, dy, dx);
  }

 private:
  template <class S> constexpr auto map(S const& sample) const { return detail::pad_of<Mode, N>(sample, padding); }
};
using reflection_pad1d = copying_pad<1, padding_mode::reflect>;
using reflection_pad2d = copying_pad<2, padding_mode::reflect>;
using replication_pad1d = copying_pad<1, padding_mode::replicate>;
using replication_pad2d = copying_pad<2, padding_mode::replicate>;
static_assert(layer<constant_pad2d, extents<2, 3, 4>> && layer<reflection_pad1d, extents<2, 3>>);

}  // namespace fovea
