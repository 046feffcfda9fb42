// SPDX-License-Identifier: MIT
#pragma once

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

}  // namespace fovea
