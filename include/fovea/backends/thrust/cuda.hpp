// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <fovea/backends/thrust/cublas.hpp>
#include <fovea/backends/thrust/cuda_graph.hpp>
#include <fovea/backends/thrust/systems.hpp>
#include <fovea/tensor/usage.hpp>

#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system_error.h>

namespace fovea {

/// Memory of a CUDA device.
struct cuda_memory {};

/// The options of a Thrust backend on a CUDA device.
struct thrust_cuda_options {
  cudaStream_t stream = nullptr;  // null: the stream that all such backends share
  bool tf32 = false;              // products of floats on tensor cores, with a mantissa of 10 bits
};

namespace thrust_systems {

using thrust_detail::cuda_graph;

/// The CUDA device that is current when the backend is made, and that must stay current. Verbs are queued on the backend's
/// stream; only reading a number waits for them. Throws `device_error` if there is no device or no driver, and if a CUDA call
/// fails.
struct cuda {
  using memory = cuda_memory;
  using options = thrust_cuda_options;
  static constexpr bool on_device = true;
  template <class T> class scalar;

  cuda(options o = {}) {
    if (o.stream == nullptr && !o.tf32) context_ = {std::shared_ptr<void>{}, &thrust_detail::shared_cuda_context()};
    else context_ = std::make_shared<thrust_detail::cuda_context>(o.stream, o.tf32);
  }

  std::string device() const {
    int number = 0;
    cudaDeviceProp of{};
    thrust_detail::check(cudaGetDevice(&number), "cudaGetDevice");
    thrust_detail::check(cudaGetDeviceProperties(&of, number), "cudaGetDeviceProperties");
    return of.name;
  }

  template <class F> void for_each_n(std::size_t n, F const& f) const {
    if (n == 0) return;
    try {
      thrust_detail::for_each_index(::thrust::cuda::par_nosync.on(context_->stream()), n, f);
    } catch (::thrust::system_error const& e) {
      throw device_error(std::string("a kernel's launch: ") + e.what());
    }
  }
  template <class Use> void with_workspace(std::size_t doubles, Use const& use) const {
    context_->with_workspace(doubles, use);
  }
  /// cuBLAS computes products.
  static constexpr bool products_by_blas() { return true; }
  template <class C, class A, class B>
  void multiply_batch(product_batch const& batch, C const& c, A const& a, B const& b, product_options o) const {
    thrust_detail::multiply_on_device(*context_, batch, c, a, b, o);
  }

  static void* allocate(std::size_t bytes) { return thrust_detail::allocate(bytes); }
  static void deallocate(void* at) noexcept { static_cast<void>(cudaFree(at)); }

  /// Copies within the device, or from or to the host; a copy that involves the host waits.
  template <class T> void copy(T const* from, T* to, std::size_t n) const {
    if (n == 0) return;
    thrust_detail::check(cudaMemcpyAsync(to, from, n * sizeof(T), cudaMemcpyDefault, context_->stream()),
                         "cudaMemcpyAsync");
    if (!on_the_device(from) || !on_the_device(to)) synchronize();
  }
  template <class T> T read(scalar<T> const& s) const {
    T value;
    copy(s.data(), &value, 1);
    return value;
  }
  void synchronize() const { context_->synchronize(); }
  /// The stream on which the verbs run.
  cudaStream_t stream() const { return context_->stream(); }
  /// Returns the allocations of all backends and the waits for this backend's stream.
  fovea::usage usage() const { return {thrust_detail::cuda_allocations(), context_->waited()}; }

  /// Records the verbs that f calls on this backend as a CUDA graph, without running them. What is created on first use (cuBLAS,
  /// memory for sums) must exist already, and no other thread may use this stream meanwhile.
  template <class F> cuda_graph capture(F const& f) const { return cuda_graph(context_, f); }

  /// Throws `device_error` unless the elements are in this backend's device memory. The check calls the driver, so public
  /// functions call it once per tensor, and verbs do not.
  void check_reachable(void const* at, char const* who, char const* what) const {
    cudaPointerAttributes of{};
    thrust_detail::check(cudaPointerGetAttributes(&of, at), "cudaPointerGetAttributes");
    bool const here =
        of.type == cudaMemoryTypeManaged || (of.type == cudaMemoryTypeDevice && of.device == context_->device());
    if (here) return;
    auto const where =
        of.type == cudaMemoryTypeDevice ? "on device " + std::to_string(of.device) : "in the host's memory";
    throw device_error(std::string(who) + ": " + what + " lies " + where + ", the backend computes on device " +
                       std::to_string(context_->device()));
  }

 private:
  static bool on_the_device(void const* at) {
    cudaPointerAttributes of{};
    thrust_detail::check(cudaPointerGetAttributes(&of, at), "cudaPointerGetAttributes");
    return of.type == cudaMemoryTypeDevice;
  }

  std::shared_ptr<thrust_detail::cuda_context> context_;
};

/// One number in a context's memory.
template <class T> class cuda::scalar {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= thrust_detail::cuda_context::slot_bytes);

 public:
  scalar() : scalar(cuda{}) {}
  explicit scalar(cuda const& on) : context_(on.context_), at_(static_cast<T*>(context_->take_slot())) {}
  scalar(scalar&& other) noexcept : context_(other.context_), at_(std::exchange(other.at_, nullptr)) {}
  scalar& operator=(scalar&& other) noexcept {
    std::swap(context_, other.context_), std::swap(at_, other.at_);
    return *this;
  }
  ~scalar() {
    if (at_) context_->give_slot(at_);
  }
  T* data() { return at_; }
  T const* data() const { return at_; }

 private:
  std::shared_ptr<thrust_detail::cuda_context> context_;
  T* at_;
};

}  // namespace thrust_systems

}  // namespace fovea
