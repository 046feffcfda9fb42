// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fovea/backends/forks.hpp>

namespace fovea::xtensor_detail {

/// A pool of worker threads. `run(chunks, f)` calls f(0), ..., f(chunks - 1), each once, on the calling thread and the workers.
/// Any thread may run any chunk. `run` allocates nothing. While another thread runs chunks on the same pool, and in a child
/// process after a fork, the caller runs all of its chunks itself.
///
/// If a chunk throws, no further chunk starts; when all threads have left f, `run` rethrows the first exception, and the pool
/// can be used again. The constructor throws std::system_error if a thread cannot start.
class thread_pool {
 public:
  explicit thread_pool(std::size_t threads) : forks_(detail::forks()) {
    try {
      for (std::size_t i = 1; i < threads; ++i) workers_->emplace_back([this] { serve(); });
    } catch (...) {
      stop();  // the threads that have started wait for work, and would be joined
      throw;
    }
  }
  ~thread_pool() {
    // The threads of the parent do not exist in a child process: they can be neither joined nor detached.
    if (detail::forks() != forks_) static_cast<void>(workers_.release());
    else stop();
  }

  /// The number of threads, with the caller's.
  std::size_t threads() const { return workers_->size() + 1; }

  template <class F> void run(std::size_t chunks, F const& f) {
    run(
        chunks, [](void const* what, std::size_t i) { (*static_cast<F const*>(what))(i); }, &f);
  }

 private:
  void stop() {
    stopping_.store(true, std::memory_order_relaxed);  // before the generation, which publishes it
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    for (auto& w : *workers_) w.join();
  }
  void run(std::size_t chunks, void (*call)(void const*, std::size_t), void const* what) {
    std::unique_lock const only_one(busy_, std::try_to_lock);
    if (!only_one || workers_->empty() || chunks < 2 || detail::forks() != forks_) {
      for (std::size_t i = 0; i != chunks; ++i) call(what, i);
      return;
    }
    call_ = call;
    what_ = what;
    chunks_ = chunks;
    next_.store(0, std::memory_order_relaxed);
    at_work_.store(workers_->size(), std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    take_chunks();
    for (auto left = at_work_.load(std::memory_order_acquire); left != 0;
         left = at_work_.load(std::memory_order_acquire))
      at_work_.wait(left, std::memory_order_acquire);
    if (failed_.exchange(false, std::memory_order_relaxed)) std::rethrow_exception(std::exchange(error_, nullptr));
  }
  void serve() {
    for (std::size_t seen = 0;;) {
      generation_.wait(seen, std::memory_order_acquire);
      seen = generation_.load(std::memory_order_acquire);
      if (stopping_.load(std::memory_order_relaxed)) return;
      take_chunks();
      if (at_work_.fetch_sub(1, std::memory_order_acq_rel) == 1) at_work_.notify_all();
    }
  }
  void take_chunks() {
    try {
      for (auto i = next_.fetch_add(1, std::memory_order_relaxed); i < chunks_;
           i = next_.fetch_add(1, std::memory_order_relaxed))
        call_(what_, i);
    } catch (...) {
      next_.store(chunks_, std::memory_order_relaxed);
      if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::current_exception();
    }
  }

  std::mutex busy_;
  void (*call_)(void const*, std::size_t) = nullptr;
  void const* what_ = nullptr;
  std::size_t chunks_ = 0;
  std::atomic<std::size_t> next_{0}, at_work_{0}, generation_{0};
  std::atomic<bool> failed_{false}, stopping_{false};
  std::exception_ptr error_;  // of the thread that set failed_; read when all threads have left f
  unsigned forks_;
  // Not std::jthread, which libc++ does not have before version 20.
  std::unique_ptr<std::vector<std::thread>> workers_ = std::make_unique<std::vector<std::thread>>();
};

/// Runs the chunks on the pool, or on the calling thread if there is no pool.
template <class F> void run_chunks(thread_pool* pool, std::size_t chunks, F const& f) {
  if (pool) return pool->run(chunks, f);
  for (std::size_t i = 0; i != chunks; ++i) f(i);
}

}  // namespace fovea::xtensor_detail
