// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/parallel_options.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace detail {

/// What the ranks of one process share: a buffer for each, and a barrier that a failure opens.
class thread_ranks {
 public:
  explicit thread_ranks(std::size_t n) : buffers_(n) {}

  std::size_t size() const { return buffers_.size(); }
  std::vector<std::byte>& buffer(std::size_t rank) { return buffers_[rank]; }

  void wait() {
    std::unique_lock lock(mutex_);
    throw_if_failed();
    if (++waiting_ == size()) {
      waiting_ = 0, ++round_;
      all_here_.notify_all();
      return;
    }
    auto const round = round_;
    all_here_.wait(lock, [&] { return round_ != round || !failure_.empty(); });
    if (round_ == round) throw_if_failed();  // else all were here before one failed
  }
  void fail(std::string const& sentence) {
    std::lock_guard const lock(mutex_);
    if (failure_.empty()) failure_ = sentence;
    all_here_.notify_all();
  }

 private:
  void throw_if_failed() const {
    if (!failure_.empty()) throw distributed_error(failure_);
  }

  std::vector<std::vector<std::byte>> buffers_;
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::size_t waiting_ = 0, round_ = 0;
  std::string failure_;
};

}  // namespace detail

/// One of several ranks that are threads of this process, for tests; `on_threads` makes them.
class threads {
 public:
  threads(std::shared_ptr<detail::thread_ranks> all, std::size_t rank) : all_(std::move(all)), rank_(rank) {}

  std::size_t rank() const { return rank_; }
  std::size_t size() const { return all_->size(); }

  template <class B, class T> void all_reduce(B const& b, std::span<T> numbers) const {
    publish(b, std::span<T const>(numbers));
    std::vector<T> sum(numbers.size());
    for (std::size_t r = 0; r != size(); ++r) add(r, 0, std::span<T>(sum));
    take(b, std::span<T const>(sum), numbers);
  }
  template <class B, class T> void reduce_scatter(B const& b, std::span<T const> all, std::span<T> own) const {
    publish(b, all);
    std::vector<T> sum(own.size());
    for (std::size_t r = 0; r != size(); ++r) add(r, rank_ * own.size(), std::span<T>(sum));
    take(b, std::span<T const>(sum), own);
  }
  template <class B, class T> void all_gather(B const& b, std::span<T const> own, std::span<T> all) const {
    publish(b, own);
    std::vector<T> found(all.size());
    for (std::size_t r = 0; r != size(); ++r) read(r, 0, std::span<T>(found).subspan(r * own.size(), own.size()));
    take(b, std::span<T const>(found), all);
  }
  template <class B, class T> void broadcast(B const& b, std::span<T> numbers, std::size_t root) const {
    receive(b, std::span<T const>(numbers), root, numbers);
  }
  template <class B, class T>
  void exchange(B const& b, std::size_t partner, std::span<T const> to, std::span<T> from) const {
    receive(b, to, partner, from);
  }
  template <class B> void barrier(B const& b) const { b.synchronize(), all_->wait(); }
  void fail(std::string const& sentence) const { all_->fail(sentence); }

 private:
  template <class B, class T>
  void receive(B const& b, std::span<T const> to, std::size_t rank, std::span<T> from) const {
    publish(b, to);
    std::vector<T> found(from.size());
    read(rank, 0, std::span<T>(found));
    take(b, std::span<T const>(found), from);
  }
  template <class B, class T> void publish(B const& b, std::span<T const> numbers) const {
    static_assert(std::is_trivially_copyable_v<T>);
    std::vector<T> here(numbers.size());
    b.copy(numbers.data(), here.data(), here.size());
    b.synchronize();
    auto& buffer = all_->buffer(rank_);
    buffer.resize(here.size() * sizeof(T));
    if (!here.empty()) std::memcpy(buffer.data(), here.data(), buffer.size());
    all_->wait();
  }
  /// Returns when all ranks have read what was published.
  template <class B, class T> void take(B const& b, std::span<T const> found, std::span<T> numbers) const {
    b.copy(found.data(), numbers.data(), numbers.size());
    b.synchronize();
    all_->wait();
  }
  template <class T> void read(std::size_t rank, std::size_t first, std::span<T> to) const {
    auto const& buffer = all_->buffer(rank);
    auto const bytes = to.size() * sizeof(T);
    if (buffer.size() < first * sizeof(T) + bytes)
      throw distributed_error("threads: rank " + std::to_string(rank) + " has " + std::to_string(buffer.size()) +
                              " bytes, rank " + std::to_string(rank_) + " reads more");
    if (bytes != 0) std::memcpy(to.data(), buffer.data() + first * sizeof(T), bytes);
  }
  template <class T> void add(std::size_t rank, std::size_t first, std::span<T> to) const {
    std::vector<T> other(to.size());
    read(rank, first, std::span<T>(other));
    if (rank == 0) std::ranges::copy(other, to.begin());
    else
      for (std::size_t i = 0; i != to.size(); ++i) to[i] += other[i];
  }

  std::shared_ptr<detail::thread_ranks> all_;
  std::size_t rank_;
};

/// Calls f(communicator) on n threads, the ranks, and waits for all of them. An exception that leaves f ends all ranks, and is thrown
/// again: that of the rank that failed first.
///
///     fovea::on_threads(4, [&](fovea::threads const& ranks) {
///       fovea::trainer trainer{fovea::host_backend<float>{}, net, loss, fovea::adam{}, {.communicator = ranks}};
///       trainer.fit(train, {.epochs = 20});
///     });
template <class F> void on_threads(std::size_t n, F const& f) {
  require(n != 0, "on_threads: there must be at least 1 rank", 0);
  auto const all = std::make_shared<detail::thread_ranks>(n);
  std::mutex mutex;
  std::exception_ptr own, told;  // the first of a rank's own, and the first that tells of another rank's
  auto const run = [&](std::size_t rank) {
    auto const ends = [&](std::exception_ptr& kept, std::string const& what) {
      all->fail("rank " + std::to_string(rank) + " failed: " + what);  // the first sentence stays
      std::lock_guard const lock(mutex);
      if (!kept) kept = std::current_exception();
    };
    try {
      f(threads(all, rank));
    } catch (distributed_error const& e) {
      ends(told, e.what());
    } catch (std::exception const& e) {
      ends(own, e.what());
    } catch (...) {
      ends(own, "an exception");
    }
  };
  std::vector<std::thread> others;
  others.reserve(n);
  try {
    for (std::size_t rank = 1; rank < n; ++rank) others.emplace_back(run, rank);
    run(0);
  } catch (std::exception const& e) {  // for want of threads or of memory
    all->fail("rank " + std::to_string(others.size() + 1) + " did not start: " + e.what());
    std::lock_guard const lock(mutex);
    if (!own) own = std::current_exception();
  }
  for (auto& thread : others) thread.join();
  if (own) std::rethrow_exception(own);
  if (told) std::rethrow_exception(told);
}

template <class B, class Net, class Loss, class O>
trainer(B, Net, Loss, O, parallel_options<threads>) -> trainer<B, Net, Loss, O, threads>;

}  // namespace fovea
