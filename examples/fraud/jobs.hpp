// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <unistd.h>

namespace fraud {

/// Shows on a terminal how many of the runs have ended.
class run_counter {
 public:
  run_counter(std::size_t done, std::size_t all, bool shows)
      : done_(done), all_(all), watched_(shows && isatty(STDERR_FILENO) != 0) {}

  void count() {
    std::scoped_lock const one(busy_);
    ++done_;
    if (watched_) std::fprintf(stderr, done_ == all_ ? "\r                    \r" : "\rrun %zu of %zu", done_, all_);
  }

 private:
  std::mutex busy_;
  std::size_t done_, all_;
  bool const watched_;
};

/// Calls f(i) for each i from `first` to n, `jobs` at once; rethrows the error of the smallest i, when all calls have ended. After an
/// error, no further call begins.
template <class F> void run_jobs(std::size_t first, std::size_t n, std::size_t jobs, F const& f) {
  std::mutex busy;
  std::size_t next = first, failed = n;
  std::exception_ptr error;
  auto const work = [&] {
    for (;;) {
      std::unique_lock lock(busy);
      if (error || next >= n) return;
      auto const i = next++;
      lock.unlock();
      try {
        f(i);
      } catch (...) {
        lock.lock();
        if (i < failed) failed = i, error = std::current_exception();
      }
    }
  };
  std::vector<std::thread> others;
  try {
    for (std::size_t j = 1; j < (std::min)(jobs, n - first); ++j) others.emplace_back(work);
  } catch (std::system_error const&) {  // fewer threads, then
  }
  work();
  for (auto& one : others) one.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace fraud
