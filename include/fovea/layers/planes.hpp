// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>

#include <fovea/layers/require_real.hpp>
#include <fovea/layers/window.hpp>

/// Layers that make each channel of a sample (channels, height, width) a plane of another size. What a layer computes of one place
/// is a map:
///
///   std::size_t plane(), rows(), columns()       the elements of a channel; the places of the result
///   read(x, row, column)                         the result there, of the channel x
///   add(dx, x, row, column, slope)               adds its slope to those of what it read
namespace fovea {

namespace formulas {

/// Writes one place of the result.
template <class T, class Map> struct map_plane {
  Map map;
  T const* x;
  T* y;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const places = map.rows() * map.columns(), at = i % places;
    y[i] = map.read(x + i / places * map.plane(), at / map.columns(), at % map.columns());
  }
};
/// Writes one channel of dx.
template <class T, class Map> struct map_plane_slope {
  Map map;
  T const *x, *dy;
  T* dx;
  FOVEA_HD void operator()(std::size_t channel) const {
    auto const n = map.plane(), rows = map.rows(), columns = map.columns();
    T* const to = dx + channel * n;
    for (std::size_t i = 0; i != n; ++i) to[i] = T(0);
    for (std::size_t r = 0; r != rows; ++r)
      for (std::size_t c = 0; c != columns; ++c)
        map.add(to, x + channel * n, r, c, dy[(channel * rows + r) * columns + c]);
  }
};

}  // namespace formulas

namespace detail {

/// Height and width of a channel; a sample of one spatial axis has the height 1.
template <std::size_t N, std::size_t... E> constexpr std::array<std::size_t, 2> plane_of(extents<E...> const& sample) {
  static_assert(
      sizeof...(E) == N + 1,
      "fovea: a layer for images takes samples of (channels, height, width), and a one-dimensional one (channels, length)");
  return {N == 1 ? 1 : sample.extent(1), sample.extent(N)};
}

/// Returns the sample of planes of another size.
template <std::size_t N, std::size_t... E, class Map>
constexpr auto sample_of_planes(extents<E...> const& sample, Map const& map) {
  constexpr std::size_t channels = static_shape<E...>::all[0];
  if constexpr (N == 1) return extents<channels, dynamic>({sample.extent(0), map.columns()});
  else return extents<channels, dynamic, dynamic>({sample.extent(0), map.rows(), map.columns()});
}

template <class P, class Map, class X, class Y> void map_planes(P const& p, Map const& map, X const& x, Y const& y) {
  using T = typename P::value_type;
  if constexpr (detail::require_real<X>())
    p.backend.for_each_index(y.extents.size(),
                             formulas::map_plane<T, Map>{map, fovea::read_only(x).elements, y.elements});
}
template <class P, class Map, class X, class DY, class DX>
void map_slopes(P const& p, Map const& map, X const& x, DY const& dy, DX const& dx) {
  using T = typename P::value_type;
  if constexpr (!std::same_as<DX, nothing>)
    p.backend.for_each_index(x.extents.extent(0) * x.extents.extent(1),
                             formulas::map_plane_slope<T, Map>{map, fovea::read_only(x).elements,
                                                               fovea::read_only(dy).elements, dx.elements});
}

/// Throws `argument_error` unless all numbers are from 1 to 1000000.
template <std::size_t N> constexpr void require_sizes(char const* who, char const* what, per_axis<N> const& sizes) {
  for (auto const v : sizes.values)
    if (v < 1 || v > 1'000'000)
      throw argument_error(std::string(who) + ": " + what + " must be from 1 to 1000000, got " + std::to_string(v));
}

}  // namespace detail

}  // namespace fovea
