// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/backends/host.hpp>

/// std::span and std::array as tensors of rank 1; std::vector is one without this header. A span of const elements is read
/// only. New results computed from a span are of type std::vector.
///
///     std::span<float const> const logits(pointer, 100);
///     std::vector<float> const gradient = fovea::gradient(fovea::sigmoid_focal_loss{}, logits, targets);
namespace fovea {

template <class T, std::size_t N> struct tensor_traits<std::span<T, N>> {
  using value_type = std::remove_const_t<T>;
  using backend = host_backend_of<value_type>;
  static constexpr std::size_t rank = 1;
  static std::array<std::size_t, 1> extents(std::span<T, N> s) { return std::array<std::size_t, 1>{s.size()}; }
  static T* data(std::span<T, N> s) { return s.data(); }
  static std::vector<value_type> empty(std::array<std::size_t, 1> const& extents) {
    return std::vector<value_type>(extents[0]);
  }
};

template <class T, std::size_t N> struct tensor_traits<std::array<T, N>> {
  using value_type = T;
  using backend = host_backend_of<T>;
  static constexpr std::size_t rank = 1;
  static std::array<std::size_t, 1> extents(std::array<T, N> const&) { return std::array<std::size_t, 1>{N}; }
  static T* data(std::array<T, N>& a) { return a.data(); }
  static T const* data(std::array<T, N> const& a) { return a.data(); }
  static std::array<T, N> empty(std::array<std::size_t, 1> const& extents) {
    if (extents[0] != N)
      throw shape_error("std::array: " + std::to_string(extents[0]) + " elements, expected " + std::to_string(N));
    return {};
  }
};

static_assert(writable_tensor<std::span<float> const> && !writable_tensor<std::span<float const>> &&
              real_tensor<std::array<double, 3>> && !writable_tensor<std::array<double, 3> const>);

}  // namespace fovea
