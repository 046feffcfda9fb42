// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

namespace fovea::detail {

/// Calls f(i) for each i below n: f(0) on the caller's thread, the others each on a thread of its own, or on the caller's if the thread
/// cannot start. f must not throw.
template <class F> void on_threads(std::size_t n, F const& f) {
  std::vector<std::thread> started;
  started.reserve(n);
  std::size_t i = n;
  try {
    for (; i > 1; --i) started.emplace_back(f, i - 1);
  } catch (...) {  // for want of threads or of memory
  }
  while (i != 0) f(--i);
  for (auto& one : started) one.join();
}

}  // namespace fovea::detail
