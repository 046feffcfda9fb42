// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

namespace fovea::detail {

/// The number of forks between this process and the one that made the first call: a child has none of its parent's threads.
#if __has_include(<pthread.h>)
inline unsigned forks() {
  static std::atomic<unsigned> count{0};
  [[maybe_unused]] static int const counts = pthread_atfork(nullptr, nullptr, [] { ++count; });
  return count.load(std::memory_order_relaxed);
}
#else
inline unsigned forks() { return 0; }
#endif

}  // namespace fovea::detail
