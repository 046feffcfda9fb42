// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/tensor/backend.hpp>

namespace fovea {

/// A tensor that stores its elements in a std::vector: as many as its extents say, or every function that takes it throws
/// `shape_error`.
template <class T, std::size_t Rank> struct host_tensor {
  std::array<std::size_t, Rank> extents{};
  std::vector<T> elements = std::vector<T>(shape(extents).size());
};

/// The reference backend: plain loops over std::vector that compute in T. A compiler that fuses a product and a sum in one
/// place and not in another (GCC with -mfma) may make an element's last bit depend on its place; -ffp-contract=off prevents
/// that.
template <class T = float> struct host_backend : host_algorithms {
  using value_type = T;
  template <class U, std::size_t Rank> using tensor = host_tensor<U, Rank>;

  template <class U, std::size_t Rank> static tensor<U, Rank> empty(std::array<std::size_t, Rank> const& extents) {
    return {extents};
  }

  /// The verbs for prediction on the calling thread: no layer's prediction allocates, locks or waits in them.
  static host_backend real_time(bool) { return {}; }
};

/// The host backend for an element type: it computes in that type if it is real, else in float.
template <class T> using host_backend_of = host_backend<std::conditional_t<real<T>, T, float>>;

template <class T>
  requires(!std::same_as<T, bool>)  // a std::vector<bool> has no elements in memory
struct tensor_traits<std::vector<T>> {
  using value_type = T;
  using backend = host_backend_of<T>;
  static constexpr std::size_t rank = 1;
  static std::array<std::size_t, 1> extents(std::vector<T> const& v) { return std::array<std::size_t, 1>{v.size()}; }
  static T* data(std::vector<T>& v) { return v.data(); }
  static T const* data(std::vector<T> const& v) { return v.data(); }
  static std::vector<T> empty(std::array<std::size_t, 1> const& extents) { return std::vector<T>(extents[0]); }
};

template <class T, std::size_t Rank> struct tensor_traits<host_tensor<T, Rank>> {
  using value_type = T;
  using backend = host_backend_of<T>;
  static constexpr std::size_t rank = Rank;
  static std::array<std::size_t, Rank> extents(host_tensor<T, Rank> const& t) {
    if (t.elements.size() != shape(t.extents).size())
      throw shape_error("host_tensor: extents " + to_string(shape(t.extents)) + " with " +
                        std::to_string(t.elements.size()) + " elements");
    return t.extents;
  }
  static T* data(host_tensor<T, Rank>& t) { return t.elements.data(); }
  static T const* data(host_tensor<T, Rank> const& t) { return t.elements.data(); }
  static host_tensor<T, Rank> empty(std::array<std::size_t, Rank> const& extents) { return {extents}; }
};

static_assert(backend<host_backend<float>> && backend<host_backend<double>>);
static_assert(real_tensor<std::vector<float>> && writable_tensor<host_tensor<double, 2>>);

}  // namespace fovea
