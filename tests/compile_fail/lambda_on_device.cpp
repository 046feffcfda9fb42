// SPDX-License-Identifier: MIT
// expect: thrust_backend: a device runs named function objects with FOVEA_HD, not lambdas
#include <fovea/backends/thrust/device_threads.hpp>

/// Provides on the host what the Thrust backend requires of a device system.
struct pretended_device {
  template <class F> void for_each_n(std::size_t n, F const& f) const {
    for (std::size_t i = 0; i != n; ++i) f(i);
  }
};

struct named {
  FOVEA_HD void operator()(float x, float& y) const { y = 2 * x; }
};

int main() {
#ifdef MISUSE
  auto const twice = [](float x, float& y) { y = 2 * x; };
#else
  named const twice;
#endif
  float x[]{1, 2, 3}, y[3];
  fovea::domain<fovea::dynamic, fovea::dynamic> const all({1, 3});
  fovea::thrust_detail::run_places<float>(pretended_device{}, all, twice, fovea::each{x}, fovea::out{y});
  return y[2] != 6;
}
