// SPDX-License-Identifier: MIT
// expect: thrust_backend: a device runs named function objects with FOVEA_HD, not lambdas
#include <fovea/backends/thrust.hpp>

struct named {
  FOVEA_HD void operator()(float x, float& y) const { y = 2 * x; }
};

int main() {
#ifdef MISUSE
  auto const twice = [](float x, float& y) { y = 2 * x; };
#else
  named const twice;
#endif
  fovea::thrust_backend<> const b;
  auto x = b.empty<float>(std::array<std::size_t, 1>{3}), y = b.empty<float>(x.extents());
  b.for_each(fovea::domain<1, fovea::dynamic>({1, 3}), twice, fovea::each{x.data()}, fovea::out{y.data()});
}
