// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <fovea/tensor/backend.hpp>

namespace fovea {

/// Copies the elements of one tensor to another of the same shape, also between the memories of two backends: no other
/// function crosses. Throws `shape_error`, which names both shapes, if they differ.
template <tensor From, writable_tensor To>
  requires std::same_as<value_of<From>, value_of<To>> && same_rank_as<From, To>
void copy(From const& from, To&& to) {
  detail::require_same_order<From, To>();
  fovea::require_same_shape("copy", "the source has", fovea::shape_of(from), "the destination", fovea::shape_of(to));
  if constexpr (std::same_as<memory_of<From>, host_memory>)
    backend_of<To>{}.copy(fovea::data(from), fovea::data(to), fovea::size(from));
  else backend_of<From>{}.copy(fovea::data(from), fovea::data(to), fovea::size(from));
}

namespace detail {
/// Reads n elements of the backend's memory.
template <class B, class T> std::vector<T> on_host(B const& b, T const* from, std::size_t n) {
  std::unique_ptr<T[]> const all(new T[n]);  // a std::vector<bool> has no elements in memory
  b.copy(from, all.get(), n);
  b.synchronize();
  return std::vector<T>(all.get(), all.get() + n);
}
}  // namespace detail

}  // namespace fovea
