// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/layers/planes.hpp>

namespace fovea {

namespace formulas {

/// The parts that an axis is cut into: part i begins at floor(i extent / count), and ends at ceil((i + 1) extent / count).
struct axis_parts {
  std::size_t extent, count;
  FOVEA_HD constexpr std::size_t begin(std::size_t i) const { return i * extent / count; }
  FOVEA_HD constexpr std::size_t end(std::size_t i) const { return ((i + 1) * extent + count - 1) / count; }
};
struct plane_parts {
  axis_parts y, x;
  FOVEA_HD constexpr std::size_t plane() const { return y.extent * x.extent; }
  FOVEA_HD constexpr std::size_t rows() const { return y.count; }
  FOVEA_HD constexpr std::size_t columns() const { return x.count; }
};
struct mean_of_part : plane_parts {
  static constexpr char const* layer_name[] = {"adaptive_avg_pool1d", "adaptive_avg_pool2d"};
  FOVEA_HD constexpr std::size_t size(std::size_t row, std::size_t column) const {
    return (y.end(row) - y.begin(row)) * (x.end(column) - x.begin(column));
  }
  template <class T> FOVEA_HD T read(T const* from, std::size_t row, std::size_t column) const {
    T sum = T(0);
    for (auto r = y.begin(row); r != y.end(row); ++r)
      for (auto c = x.begin(column); c != x.end(column); ++c) sum += from[r * x.extent + c];
    return sum / static_cast<T>(size(row, column));
  }
  template <class T> FOVEA_HD void add(T* to, T const*, std::size_t row, std::size_t column, T slope) const {
    T const share = slope / static_cast<T>(size(row, column));
    for (auto r = y.begin(row); r != y.end(row); ++r)
      for (auto c = x.begin(column); c != x.end(column); ++c) to[r * x.extent + c] += share;
  }
};
/// The largest element of a part, the first of several, or the first that is NaN.
struct largest_of_part : plane_parts {
  static constexpr char const* layer_name[] = {"adaptive_max_pool1d", "adaptive_max_pool2d"};
  template <class T> FOVEA_HD std::size_t find(T const* from, std::size_t row, std::size_t column) const {
    auto found = y.begin(row) * x.extent + x.begin(column);
    for (auto r = y.begin(row); r != y.end(row); ++r)
      for (auto c = x.begin(column); c != x.end(column); ++c) {
        auto const at = r * x.extent + c;
        if (from[at] > from[found] || (from[at] != from[at] && from[found] == from[found])) found = at;
      }
    return found;
  }
  template <class T> FOVEA_HD T read(T const* from, std::size_t row, std::size_t column) const {
    return from[find(from, row, column)];
  }
  template <class T> FOVEA_HD void add(T* to, T const* from, std::size_t row, std::size_t column, T slope) const {
    to[find(from, row, column)] += slope;
  }
};

}  // namespace formulas

namespace detail {

/// A map of parts of a plane over samples of these extents.
template <std::size_t N, class Map, class S> constexpr Map parts_of(S const& sample, per_axis<N> const& size) {
  auto const plane = detail::plane_of<N>(sample);
  return {{{plane[0], N == 1 ? 1 : size.values[0]}, {plane[1], size.values[N - 1]}}};
}

}  // namespace detail

/// One number of each part of the N last axes of a sample (channels, ...), which are cut into `output_size` parts of nearly one size:
/// the mean, PyTorch's AdaptiveAvgPool1d and AdaptiveAvgPool2d, or the largest element, PyTorch's AdaptiveMaxPool1d and
/// AdaptiveMaxPool2d, where a NaN in a part is its result. `validate()` throws `argument_error` unless the sizes are at least 1.
///
///     fovea::adaptive_avg_pool2d{7}
///     fovea::adaptive_max_pool2d{{1, 4}}
template <std::size_t N, class Part> struct adaptive_pool {
  per_axis<N> output_size = 0;

  template <class S> constexpr auto output(S const& sample) const {
    validate();
    return detail::sample_of_planes<N>(sample, map(sample));
  }
  constexpr void validate() const { detail::require_sizes(Part::layer_name[N - 1], "output_size", output_size); }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    detail::map_planes(p, map(fovea::sample_of(x)), x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    detail::map_slopes(p, map(fovea::sample_of(x)), x, dy, dx);
  }

 private:
  template <class S> constexpr Part map(S const& sample) const {
    return detail::parts_of<N, Part>(sample, output_size);
  }
};
using adaptive_avg_pool1d = adaptive_pool<1, formulas::mean_of_part>;
using adaptive_avg_pool2d = adaptive_pool<2, formulas::mean_of_part>;
using adaptive_max_pool1d = adaptive_pool<1, formulas::largest_of_part>;
using adaptive_max_pool2d = adaptive_pool<2, formulas::largest_of_part>;
static_assert(layer<adaptive_max_pool2d, extents<2, 3, 4>>);

}  // namespace fovea
