// SPDX-License-Identifier: MIT
// expect: a formula calls fovea::math::pow, not std::pow
#include <fovea/losses/loss.hpp>

#include <fovea/backends/host.hpp>
#include <fovea/losses/value_and_gradient.hpp>

struct fourth_power {
  template <fovea::real Z, fovea::real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
#ifdef MISUSE
    return std::pow(z - y, 4);
#else
    return fovea::math::pow(z - y, 4);
#endif
  }
};

int main() {
  std::vector<float> const x{1, 2}, y{0, 1};
  return fovea::gradient(fourth_power{}, x, y)[0] > 0;
}
