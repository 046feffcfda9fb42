// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include <fovea/config.hpp>

namespace fovea {

/// An extent, or a rank, that only run time knows.
inline constexpr std::size_t dynamic = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t dynamic_rank = dynamic;

/// One extent: N, and no storage, when the compiler knows it.
template <std::size_t N> struct extent {
  constexpr extent() = default;
  FOVEA_HD constexpr operator std::size_t() const { return N; }
};
template <> struct extent<dynamic> {
  FOVEA_HD constexpr extent(std::size_t n) : value(n) {}
  FOVEA_HD constexpr operator std::size_t() const { return value; }
  std::size_t value;
};

/// A shape whose extents are each static or `dynamic`, as in std::mdspan. Row-major: the last one is contiguous.
template <std::size_t... E> struct extents {
  static constexpr std::size_t rank = sizeof...(E);
  static constexpr std::array<std::size_t, rank> fixed = {E...};

  std::array<std::size_t, rank> at = {E...};

  constexpr extents() = default;
  /// From all the extents; those that are static are taken from the type.
  constexpr explicit extents(std::array<std::size_t, rank> const& all) : at{} {
    for (std::size_t i = 0; i != rank; ++i) at[i] = fixed[i] == dynamic ? all[i] : fixed[i];
  }
  /// Extent I, a constant where it is static.
  template <std::size_t I> constexpr std::size_t get() const {
    if constexpr (fixed[I] != dynamic) return fixed[I];
    else return at[I];
  }
  constexpr std::size_t size() const {
    std::size_t n = 1;
    for (std::size_t i = 0; i != rank; ++i) n *= fixed[i] == dynamic ? at[i] : fixed[i];
    return n;
  }
};

/// What a bulk verb walks over: rows of columns. A flat one is a single row.
template <std::size_t Rows = dynamic, std::size_t Columns = dynamic> using domain = extents<Rows, Columns>;

}  // namespace fovea
