// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/config.hpp>

namespace fovea::thrust_detail {

/// A tuple for device code, which cannot call the functions of std::tuple.
template <class... T> struct pack {
  /// Returns g(before..., values...).
  template <class G, class... Before>
  FOVEA_HD constexpr decltype(auto) apply(G const& g, Before const&... before) const {
    return g(before...);
  }
};
template <class First, class... Rest> struct pack<First, Rest...> {
  First first;
  pack<Rest...> rest;

  template <class G, class... Before>
  FOVEA_HD constexpr decltype(auto) apply(G const& g, Before const&... before) const {
    return rest.apply(g, before..., first);
  }
};

inline constexpr pack<> packed() { return {}; }
template <class First, class... Rest> constexpr pack<First, Rest...> packed(First const& first, Rest const&... rest) {
  return {first, thrust_detail::packed(rest...)};
}

/// Returns value K of a pack.
template <std::size_t K, class First, class... Rest> FOVEA_HD constexpr auto& get(pack<First, Rest...>& all) {
  if constexpr (K == 0) return all.first;
  else return thrust_detail::get<K - 1>(all.rest);
}
template <std::size_t K, class First, class... Rest>
FOVEA_HD constexpr auto const& get(pack<First, Rest...> const& all) {
  if constexpr (K == 0) return all.first;
  else return thrust_detail::get<K - 1>(all.rest);
}

}  // namespace fovea::thrust_detail
