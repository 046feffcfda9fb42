// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include <fovea/config.hpp>

namespace fovea {

/// An extent, or a rank, that is known only at run time.
inline constexpr std::size_t dynamic = (std::numeric_limits<std::size_t>::max)();
/// The rank of a tensor type whose number of extents is known only at run time.
inline constexpr std::size_t dynamic_rank = dynamic;

/// One extent: the constant N without storage, or a number that is known only at run time.
template <std::size_t N> struct extent {
  constexpr extent() = default;
  FOVEA_HD constexpr operator std::size_t() const { return N; }
};
template <> struct extent<dynamic> {
  FOVEA_HD constexpr extent(std::size_t count = 0) : value(count) {}
  FOVEA_HD constexpr operator std::size_t() const { return value; }
  std::size_t value;
};

/// A shape whose extents are each static or `dynamic`, as in std::mdspan. Row-major: the last one is contiguous.
template <std::size_t... E> class extents {
 public:
  static constexpr std::size_t rank = sizeof...(E);

  constexpr extents() = default;
  /// Takes all the extents; static ones keep the value of the type.
  constexpr explicit extents(std::array<std::size_t, rank> const& all) {
    for (std::size_t i = 0; i != rank; ++i)
      if (static_extents[i] == dynamic) extents_[i] = all[i];
  }
  /// Returns extent i if it is static, else `dynamic`.
  static constexpr std::size_t static_extent(std::size_t i) { return static_extents[i]; }
  constexpr std::size_t extent(std::size_t i) const {
    return static_extents[i] == dynamic ? extents_[i] : static_extents[i];
  }
  /// Returns extent K, as a constant if it is static.
  template <std::size_t K> constexpr std::size_t get() const {
    if constexpr (static_extent(K) != dynamic) return static_extent(K);
    else return extents_[K];
  }
  constexpr std::size_t size() const {
    std::size_t n = 1;
    for (std::size_t i = 0; i != rank; ++i) n *= static_extents[i] == dynamic ? extents_[i] : static_extents[i];
    return n;
  }
  constexpr std::array<std::size_t, rank> const& to_array() const { return extents_; }

 private:
  static constexpr std::array<std::size_t, rank> static_extents = {E...};
  std::array<std::size_t, rank> extents_ = {E...};
};

/// The rows and columns that a verb visits. A flat domain has one row.
template <std::size_t Rows = dynamic, std::size_t Columns = dynamic> using domain = extents<Rows, Columns>;

}  // namespace fovea
