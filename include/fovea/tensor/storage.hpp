// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <fovea/tensor/backend.hpp>

namespace fovea {

/// Returns a new tensor of the same shape, not filled: of the same type if its traits have `empty`, else of the backend's own
/// tensor type. A type of dynamic rank must have `empty`.
template <backend B, tensor T> auto empty_like(B const& b, T const& like) {
  using traits = traits_of<T>;
  if constexpr (requires { traits::empty(traits::extents(like)); }) {
    return traits::empty(traits::extents(like));
  } else {
    static_assert(traits::rank != dynamic_rank,
                  "fovea: a tensor type of dynamic rank needs tensor_traits<T>::empty(shape)");
    std::array<std::size_t, traits::rank> extents{};
    for (std::size_t i = 0; auto e : traits::extents(like)) extents[i++] = static_cast<std::size_t>(e);
    return b.template empty<value_of<T>>(extents);
  }
}

/// Returns the domain of all elements in order: one row.
template <tensor T> constexpr domain<1, dynamic> flat_domain(T const& t) {
  return domain<1, dynamic>({1, fovea::size(t)});
}

/// Returns the domain whose rows are the tensor's first extent.
template <tensor T> constexpr domain<> row_domain(T const& t) {
  auto const s = fovea::shape_of(t);
  std::size_t const rows = s.rank() == 0 ? 1 : s[0];
  return domain<>({rows, rows == 0 ? 0 : s.size() / rows});
}

namespace detail {

/// Returns true if two ranges of memory, each from its first byte to its end, have a byte in common.
inline bool share_memory(void const* first, void const* end, void const* other, void const* other_end) {
  auto const at = [](void const* p) { return reinterpret_cast<std::uintptr_t>(p); };
  return first != end && other != other_end && at(first) < at(other_end) && at(other) < at(end);
}
template <tensor T, tensor U> bool share_memory(T const& t, U const& u) {
  auto const* const of_t = fovea::data(t);
  auto const* const of_u = fovea::data(u);
  return detail::share_memory(of_t, of_t + fovea::size(t), of_u, of_u + fovea::size(u));
}

}  // namespace detail

}  // namespace fovea
