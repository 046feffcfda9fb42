// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include <fovea/backends/thrust/cuda_context.hpp>

namespace fovea::thrust_detail {

/// Work recorded on a stream; one launch runs all of it again.
class cuda_graph {
 public:
  /// Records what f queues. An exception of f is rethrown, and the stream remains usable.
  template <class F> cuda_graph(std::shared_ptr<cuda_context> context, F const& f) : context_(std::move(context)) {
    check(cudaStreamBeginCapture(context_->stream(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    cudaGraph_t recorded = nullptr;
    try {
      f();
    } catch (...) {
      static_cast<void>(cudaStreamEndCapture(context_->stream(), &recorded));
      if (recorded) static_cast<void>(cudaGraphDestroy(recorded));
      static_cast<void>(cudaGetLastError());
      throw;
    }
    check(cudaStreamEndCapture(context_->stream(), &recorded), "cudaStreamEndCapture");
    auto const code = cudaGraphInstantiateWithFlags(&work_, recorded, 0);
    static_cast<void>(cudaGraphDestroy(recorded));
    check(code, "cudaGraphInstantiate");
  }
  cuda_graph(cuda_graph&& other) noexcept
      : context_(std::move(other.context_)), work_(std::exchange(other.work_, nullptr)) {}
  cuda_graph& operator=(cuda_graph&& other) noexcept {
    std::swap(context_, other.context_), std::swap(work_, other.work_);
    return *this;
  }
  ~cuda_graph() {
    if (work_) static_cast<void>(cudaGraphExecDestroy(work_));
  }

  void replay() const { check(cudaGraphLaunch(work_, context_->stream()), "cudaGraphLaunch"); }

 private:
  std::shared_ptr<cuda_context> context_;
  cudaGraphExec_t work_ = nullptr;
};

}  // namespace fovea::thrust_detail
