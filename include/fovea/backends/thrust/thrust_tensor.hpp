// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>

#include <fovea/backends/thrust/systems.hpp>

#include <thrust/device_vector.h>
#include <thrust/host_vector.h>
#include <thrust/universal_vector.h>

#include <fovea/tensor/tensor.hpp>

namespace fovea {

template <class T = float, class System = thrust_systems::standard> class thrust_backend;

/// A tensor that owns its elements in a system's memory, row-major and not filled. It can be moved; `fovea::copy` copies it.
template <class T, std::size_t Rank, class System = thrust_systems::standard> class thrust_tensor {
  static_assert(std::is_trivially_copyable_v<T>, "thrust_tensor: elements are copied as bytes");

 public:
  thrust_tensor() : thrust_tensor(std::array<std::size_t, Rank>{}) {}
  explicit thrust_tensor(std::array<std::size_t, Rank> const& extents) : extents_(extents) {
    if (auto const n = size()) elements_.reset(static_cast<T*>(System::allocate(n * sizeof(T))));
  }
  std::array<std::size_t, Rank> const& extents() const { return extents_; }
  std::size_t size() const { return shape(extents_).size(); }
  T* data() { return elements_.get(); }
  T const* data() const { return elements_.get(); }

 private:
  struct release {
    void operator()(T* at) const noexcept { System::deallocate(at); }
  };
  std::array<std::size_t, Rank> extents_;
  std::unique_ptr<T[], release> elements_;
};

namespace thrust_detail {

template <class T, class System> using backend_for = thrust_backend<std::conditional_t<real<T>, T, float>, System>;

// THRUST_DEVICE_SYSTEM selects the memory of device_vector for the whole program.
#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA
using device_system = thrust_systems::cuda;
#elif THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_OMP
using device_system = thrust_systems::omp;
#elif THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_TBB
using device_system = thrust_systems::tbb;
#else
using device_system = thrust_systems::cpp;
#endif

template <class Vector, class System> struct vector_traits {
  using value_type = typename Vector::value_type;
  using backend = backend_for<value_type, System>;
  static constexpr std::size_t rank = 1;
  static std::array<std::size_t, 1> extents(Vector const& v) { return std::array<std::size_t, 1>{v.size()}; }
  static value_type* data(Vector& v) { return ::thrust::raw_pointer_cast(v.data()); }
  static value_type const* data(Vector const& v) { return ::thrust::raw_pointer_cast(v.data()); }
  static Vector empty(std::array<std::size_t, 1> const& extents) { return Vector(extents[0]); }
};

}  // namespace thrust_detail

template <class T, class Allocator>
struct tensor_traits<::thrust::device_vector<T, Allocator>>
    : thrust_detail::vector_traits<::thrust::device_vector<T, Allocator>, thrust_detail::device_system> {};
/// Host and device can both access a universal_vector; the device's backend computes on it.
template <class T>
struct tensor_traits<::thrust::universal_vector<T>>
    : thrust_detail::vector_traits<::thrust::universal_vector<T>, thrust_detail::device_system> {};
template <class T, class Allocator>
struct tensor_traits<::thrust::host_vector<T, Allocator>>
    : thrust_detail::vector_traits<::thrust::host_vector<T, Allocator>, thrust_systems::cpp> {};

template <class T, std::size_t Rank, class System> struct tensor_traits<thrust_tensor<T, Rank, System>> {
  using value_type = T;
  using backend = thrust_detail::backend_for<T, System>;
  static constexpr std::size_t rank = Rank;
  static auto const& extents(thrust_tensor<T, Rank, System> const& t) { return t.extents(); }
  static T* data(thrust_tensor<T, Rank, System>& t) { return t.data(); }
  static T const* data(thrust_tensor<T, Rank, System> const& t) { return t.data(); }
  static thrust_tensor<T, Rank, System> empty(std::array<std::size_t, Rank> const& extents) {
    return thrust_tensor<T, Rank, System>(extents);
  }
};

}  // namespace fovea
