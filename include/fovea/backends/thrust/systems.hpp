// SPDX-License-Identifier: MIT
#pragma once

// Thrust reads this macro in its first header; without a CUDA compiler, its default, CUDA, does not compile.
#if !defined(__CUDACC__) && !defined(THRUST_DEVICE_SYSTEM)
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#endif

#include <atomic>
#include <cstddef>
#include <exception>
#include <new>
#include <string>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system/cpp/execution_policy.h>
#include <thrust/system/omp/execution_policy.h>
#if defined(_OPENMP)
#include <omp.h>
#endif

#include <fovea/backends/forks.hpp>
#include <fovea/error.hpp>
#include <fovea/tensor/host_algorithms.hpp>

namespace fovea {

/// The options of a Thrust backend on one thread of the host, or on TBB.
struct thrust_host_options {
  bool blas = false;  // a BLAS computes large products: needs fovea::thrust_blas, and may change a row's last bits
};
/// The options of a Thrust backend on OpenMP.
struct thrust_omp_options {
  std::size_t threads = 0;  // 0: OpenMP's default; results do not depend on the number
  bool blas = false;        // as in thrust_host_options
};

namespace thrust_detail {

template <class Policy, class F> void for_each_index(Policy const& policy, std::size_t n, F const& f) {
  ::thrust::for_each_n(policy, ::thrust::counting_iterator<std::size_t>(0), n, f);
}

/// A call of f(i) whose type does not depend on f. Host systems launch only this type, so that Thrust is instantiated once per
/// system and not once per verb and formula.
class chunk_call {
 public:
  template <class F>
  explicit chunk_call(F const& f)
      : f_(&f), call_([](void const* g, std::size_t i) { (*static_cast<F const*>(g))(i); }) {}
  void operator()(std::size_t i) const { call_(f_, i); }

 private:
  void const* f_;
  void (*call_)(void const*, std::size_t);
};

/// Launches calls on the threads of a system. The first exception is thrown again when all have ended, since one that left its thread
/// would end the program; after it, no further call begins. In a child process of a fork, which has none of its parent's threads, the
/// caller runs them all.
template <class Policy> void launch_calls(Policy const& policy, std::size_t n, chunk_call const& call) {
  if (n < 2 || detail::forks() != 0) {
    for (std::size_t i = 0; i != n; ++i) call(i);
    return;
  }
  std::atomic<bool> failed{false};
  std::exception_ptr error;  // of the thread that set failed; read when all have ended
  thrust_detail::for_each_index(policy, n, [&](std::size_t i) {
    if (failed.load(std::memory_order_relaxed)) return;
    try {
      call(i);
    } catch (...) {
      if (!failed.exchange(true, std::memory_order_relaxed)) error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
}

/// The common part of the host systems: host memory, and who computes large products. Throws `argument_error` for a BLAS in a
/// program that is compiled without one.
class host_system {
 public:
  using memory = host_memory;
  static constexpr bool on_device = false;
  template <class T> using scalar = host_algorithms::scalar<T>;

  static void* allocate(std::size_t bytes) { return ::operator new(bytes, std::align_val_t{64}); }
  static void deallocate(void* at) noexcept { ::operator delete(at, std::align_val_t{64}); }
  template <class T> static void copy(T const* from, T* to, std::size_t n) { host_algorithms{}.copy(from, to, n); }
  template <class T> static T read(scalar<T> const& s) { return s.value; }
  static void synchronize() {}
  bool products_by_blas() const { return blas_; }

 protected:
  explicit host_system(bool blas) : blas_(blas) {
#if !defined(FOVEA_CBLAS)
    if (blas)
      throw argument_error(
          "thrust_backend: blas is set, but the program is compiled without one; link the CMake target "
          "fovea::thrust_blas");
#endif
  }

 private:
  bool blas_;
};

}  // namespace thrust_detail

/// The Thrust system that a backend runs on. `tbb` and `cuda` have headers of their own in backends/thrust/.
namespace thrust_systems {

/// One thread.
struct cpp : thrust_detail::host_system {
  using options = thrust_host_options;
  cpp(options o = {}) : host_system(o.blas) {}
  static std::string device() { return "one thread"; }
  template <class F> void for_each_n(std::size_t n, F const& f) const {
    thrust_detail::for_each_index(::thrust::cpp::par, n, thrust_detail::chunk_call(f));
  }
};

/// OpenMP's threads. Compile with -fopenmp.
struct omp : thrust_detail::host_system {
  using options = thrust_omp_options;
  omp(options o = {}) : host_system(o.blas), threads_(o.threads) {}
  std::string device() const { return threads_ ? "OpenMP, threads: " + std::to_string(threads_) : "OpenMP"; }

  template <class F> void for_each_n(std::size_t n, F const& f) const {
    chosen const now(threads_);
    thrust_detail::launch_calls(::thrust::omp::par, n, thrust_detail::chunk_call(f));
  }

 private:
  /// Sets the number of threads of the calling thread while it lives: Thrust has no argument for it.
  struct chosen {
    int before = 0;
    explicit chosen([[maybe_unused]] std::size_t threads) {
#if defined(_OPENMP)
      if (threads != 0) before = omp_get_max_threads(), omp_set_num_threads(static_cast<int>(threads));
#endif
    }
    ~chosen() {
#if defined(_OPENMP)
      if (before != 0) omp_set_num_threads(before);
#endif
    }
    chosen(chosen const&) = delete;
  };
  std::size_t threads_;
};

struct tbb;
struct cuda;

/// The default system: CUDA under a CUDA compiler, otherwise OpenMP where it is on (-fopenmp), otherwise one thread.
#if defined(__CUDACC__)
using standard = cuda;
#elif defined(_OPENMP)
using standard = omp;
#else
using standard = cpp;
#endif

}  // namespace thrust_systems

}  // namespace fovea
