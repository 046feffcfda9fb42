// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

/// Calls f(first, last) on one part of [0, n) per thread, in parallel if the compiler supports OpenMP.
template <class F> void in_parts(std::size_t n, std::size_t threads, F const& f) {
  auto const length = (n + threads - 1) / threads;
#pragma omp parallel for num_threads(static_cast<int>(threads)) schedule(static, 1) if (threads > 1)
  for (std::size_t i = 0; i < threads; ++i) f(std::min(n, i * length), std::min(n, (i + 1) * length));
}
