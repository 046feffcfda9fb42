// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/pass.hpp>

namespace fovea {

namespace detail {

/// Rejects integers, where a layer computes with its input; returns true if there are none.
template <class X> constexpr bool require_real() {
  constexpr bool holds = real<element_of_batch<X>>;
  static_assert(
      holds,
      "fovea: this layer takes real numbers, and the network's input is integers: only an embedding takes these");
  return holds;
}

}  // namespace detail

}  // namespace fovea
