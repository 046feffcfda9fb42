// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/testing/laws/support.hpp>

namespace fovea::testing::laws {

namespace formulas {
template <class T> struct count_visit {
  T* visits;
  FOVEA_HD constexpr void operator()(std::size_t i) const { visits[i] = visits[i] + T(1); }
};
template <class T> struct gather {
  T* destination;
  T const* source;
  int const* rows;
  std::size_t width;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    destination[i] = source[static_cast<std::size_t>(rows[i / width]) * width + i % width];
  }
};
}  // namespace formulas

/// `for_each_index` calls f exactly once for each index below n.
template <class B> void for_each_index_visits_each_once(B const& b) {
  using T = typename B::value_type;
  for (std::size_t n : sizes{0, 1, 2, 3, 15, 16, 17, 255, 256, 257, 511, 512, 513, 4095, 4096, 4097, 4351, 100003}) {
    buffer<B, T> visits(b, std::vector<T>(n, T(0)));
    b.for_each_index(n, formulas::count_visit<T>{visits.data()});
    compare("visits of each index", domain<>({1, n}), visits.get(), [](auto, auto) { return 1; });
  }
}

/// `for_each_index` can gather rows.
template <class B> void for_each_index_gathers(B const& b) {
  using T = typename B::value_type;
  std::size_t const rows = 1000, width = 29, wanted = 300;
  auto const xs = reals<T>(rows * width, 1);
  auto const order = drawn<int>(wanted, 2, [](auto random) { return random % rows; });
  buffer<B, T> const x(b, xs);
  buffer<B, int> const chosen(b, order);
  buffer<B, T> y(b, std::vector<T>(wanted * width, nan<T>));
  b.for_each_index(wanted * width, formulas::gather<T>{y.data(), x.read(), chosen.read(), width});
  compare("gathered", domain<>({wanted, width}), y.get(),
          [&](auto r, auto c) { return xs[static_cast<std::size_t>(order[r]) * width + c]; });
}

}  // namespace fovea::testing::laws
