// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <fovea/error.hpp>

namespace fovea::thrust_detail {

/// Throws `device_error` with the call's name and the driver's text unless the call succeeded.
inline void check(cudaError_t code, char const* call) {
  if (code == cudaSuccess) return;
  std::string text = std::string(call) + ": " + cudaGetErrorString(code);
  if (code == cudaErrorNoDevice || code == cudaErrorInsufficientDriver || code == cudaErrorStubLibrary)
    text += "; this backend needs a CUDA device and its driver, thrust_systems::omp computes on the CPU";
  static_cast<void>(cudaGetLastError());  // the next call would report the error again
  throw device_error(text);
}
inline void check(cublasStatus_t code, char const* call) {
  if (code != CUBLAS_STATUS_SUCCESS) throw device_error(std::string(call) + ": " + cublasGetStatusString(code));
}

inline std::atomic<std::size_t>& cuda_allocations() {
  static std::atomic<std::size_t> count = 0;
  return count;
}
inline void* allocate(std::size_t bytes) {
  void* at = nullptr;
  check(cudaMalloc(&at, bytes), "cudaMalloc");
  ++cuda_allocations();
  return at;
}

/// The state that the copies of a backend share on a device: the stream, the cuBLAS handle, and reusable memory for partial sums
/// and for single numbers. Work on one context is ordered, so the next verb can reuse the memory of the one before.
class cuda_context {
 public:
  /// Uses the caller's stream, or creates one if it is null.
  explicit cuda_context(cudaStream_t stream = nullptr, bool tf32 = false)
      : stream_(stream), owned_(stream == nullptr), tf32_(tf32) {
    int count = 0;
    check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
    device_ = current_device();
    if (!owned_) check_stream();
    if (owned_) check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  cuda_context(cuda_context const&) = delete;
  ~cuda_context() {
    static_cast<void>(cudaStreamSynchronize(stream_));
    if (handle_) static_cast<void>(cublasDestroy(handle_));
    for (void* slab : slabs_) static_cast<void>(cudaFree(slab));
    for (void* room : rooms_) static_cast<void>(cudaFree(room));
    static_cast<void>(cudaFree(cublas_room_));
    if (owned_) static_cast<void>(cudaStreamDestroy(stream_));
  }

  cudaStream_t stream() const { return stream_; }
  int device() const { return device_; }
  /// Throws if another device is current: new allocations would be on that device.
  void check_current() const { check_device(device_, current_device()); }
  void synchronize() {
    ++waited_;
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }
  std::size_t waited() const { return waited_; }

  /// Calls use(memory for this many doubles) under a lock, so that verbs of several threads do not mix. Memory that has become
  /// too small is kept, because a recorded graph may still use it; each new block is at least twice the size.
  template <class Use> void with_workspace(std::size_t doubles, Use const& use) {
    std::lock_guard const lock(verbs_);
    if (doubles > room_size_) {
      auto const size = (std::max)(doubles, 2 * room_size_);
      rooms_.push_back(allocate(size * sizeof(double)));
      room_size_ = size;
    }
    use(static_cast<double*>(rooms_.empty() ? nullptr : rooms_.back()));
  }
  /// Calls use(handle), one thread at a time, as cuBLAS requires.
  template <class Use> void with_cublas(Use const& use) {
    std::lock_guard const lock(verbs_);
    if (!handle_) make_handle();
    use(handle_);
  }

  static constexpr std::size_t slot_bytes = 64;
  void* take_slot() {
    std::lock_guard const lock(slots_);
    if (free_.empty()) {
      constexpr std::size_t slots = 64;
      void* const slab = allocate(slots * slot_bytes);
      slabs_.push_back(slab);
      free_.reserve(slabs_.size() * slots);  // so that give_slot cannot throw
      for (std::size_t i = 0; i != slots; ++i) free_.push_back(static_cast<char*>(slab) + i * slot_bytes);
    }
    void* const slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_slot(void* slot) noexcept {
    std::lock_guard const lock(slots_);
    free_.push_back(slot);
  }

 private:
  void make_handle() {
    // A workspace of our own, as large as NVIDIA recommends for Hopper: otherwise cuBLAS allocates for each graph.
    constexpr std::size_t bytes = std::size_t{32} << 20;
    if (!cublas_room_) cublas_room_ = allocate(bytes);
    cublasHandle_t made = nullptr;
    check(cublasCreate(&made), "cublasCreate");
    try {
      check(cublasSetStream(made, stream_), "cublasSetStream");  // first: it resets the workspace
      check(cublasSetWorkspace(made, cublas_room_, bytes), "cublasSetWorkspace");
      check(cublasSetMathMode(made, tf32_ ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
    } catch (...) {
      static_cast<void>(cublasDestroy(made));
      throw;
    }
    handle_ = made;
  }
  static int current_device() {
    int device = 0;
    check(cudaGetDevice(&device), "cudaGetDevice");
    return device;
  }
  static void check_device(int of_stream, int current) {
    if (of_stream == current) return;
    throw device_error("thrust_backend: the stream is of device " + std::to_string(of_stream) +
                       ", the current device is " + std::to_string(current));
  }
  void check_stream() const {
#if CUDART_VERSION >= 12080
    int of_stream = 0;
    check(cudaStreamGetDevice(stream_, &of_stream), "cudaStreamGetDevice");
    check_device(of_stream, device_);
#endif
  }

  cudaStream_t stream_;
  bool owned_, tf32_;
  cublasHandle_t handle_ = nullptr;
  void* cublas_room_ = nullptr;
  int device_ = 0;
  std::size_t room_size_ = 0;
  std::vector<void*> rooms_, slabs_, free_;
  std::atomic<std::size_t> waited_ = 0;
  std::mutex verbs_, slots_;
};

/// The context of all backends that are made without a stream of their own, so that one can read what another has written. It is
/// never destroyed, because the driver may shut down first at the end of a program. It belongs to the device that was current
/// when it was made.
inline cuda_context& shared_cuda_context() {
  static cuda_context& context = *new cuda_context;
  context.check_current();
  return context;
}

}  // namespace fovea::thrust_detail
