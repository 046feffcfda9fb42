// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <fovea/error.hpp>

namespace fovea::thrust_detail {

/// Throws `device_error` naming the call, with the driver's text, unless it went well.
inline void check(cudaError_t code, char const* call) {
  if (code == cudaSuccess) return;
  std::string text = std::string(call) + ": " + cudaGetErrorString(code);
  if (code == cudaErrorNoDevice || code == cudaErrorInsufficientDriver || code == cudaErrorStubLibrary)
    text += "; this backend needs a CUDA device and its driver, thrust_systems::omp computes on the CPU";
  static_cast<void>(cudaGetLastError());  // or the next call would report it again
  throw device_error(text);
}
inline void check(cublasStatus_t code, char const* call) {
  if (code != CUBLAS_STATUS_SUCCESS) throw device_error(std::string(call) + ": " + cublasGetStatusString(code));
}

/// What the copies of a backend share on a device: stream, cuBLAS's handle, and memory that is kept: room for partial sums
/// and slots for single numbers. Work of one context is in order, so what one verb has let go the next may take.
class cuda_context {
 public:
  /// On the caller's stream, or, of null, on a new one.
  explicit cuda_context(cudaStream_t stream = nullptr, bool tf32 = false)
      : stream_(stream), owned_(stream == nullptr), tf32_(tf32) {
    int count = 0;
    check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
    if (owned_) check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  cuda_context(cuda_context const&) = delete;
  ~cuda_context() {
    static_cast<void>(cudaStreamSynchronize(stream_));
    if (handle_) static_cast<void>(cublasDestroy(handle_));
    for (void* slab : slabs_) static_cast<void>(cudaFree(slab));
    static_cast<void>(cudaFree(room_));
    if (owned_) static_cast<void>(cudaStreamDestroy(stream_));
  }

  cudaStream_t stream() const { return stream_; }
  void synchronise() const { check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }

  /// use(room for so many doubles): verbs that several threads begin at once do not mix.
  template <class Use> void with_workspace(std::size_t doubles, Use const& use) {
    std::lock_guard const lock(verbs_);
    if (doubles > room_size_) {
      if (room_) check(cudaFree(room_), "cudaFree");
      room_ = nullptr, room_size_ = 0;
      check(cudaMalloc(&room_, doubles * sizeof(double)), "cudaMalloc");
      room_size_ = doubles;
    }
    use(static_cast<double*>(room_));
  }
  /// use(handle), one thread at a time, as cuBLAS asks for.
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
      void* slab = nullptr;
      check(cudaMalloc(&slab, slots * slot_bytes), "cudaMalloc");
      slabs_.push_back(slab);
      free_.reserve(slabs_.size() * slots);  // so that giving back cannot throw
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
    cublasHandle_t made = nullptr;
    check(cublasCreate(&made), "cublasCreate");
    handle_ = made;
    check(cublasSetStream(handle_, stream_), "cublasSetStream");
    check(cublasSetMathMode(handle_, tf32_ ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
  }

  cudaStream_t stream_;
  bool owned_, tf32_;
  cublasHandle_t handle_ = nullptr;
  void* room_ = nullptr;
  std::size_t room_size_ = 0;
  std::vector<void*> slabs_, free_;
  std::mutex verbs_, slots_;
};

/// The context of all backends that are made without one of their own, so that what one has written another may read. It is
/// never destroyed: at a program's end the driver may be gone before it.
inline cuda_context& shared_cuda_context() {
  static cuda_context& context = *new cuda_context;
  return context;
}

}  // namespace fovea::thrust_detail
