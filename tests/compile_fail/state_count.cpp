// SPDX-License-Identifier: MIT
// expect: trainer: an optimizer has `state_count`, `coefficients`, `coefficients_at(step)` and an update of as many numbers of state as it says
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/training/trainer.hpp>

struct heavy_ball {
  double rate = 0.1, momentum = 0.9;

#ifdef MISUSE
  static constexpr std::size_t state_count = 2;
#else
  static constexpr std::size_t state_count = 1;
#endif
  struct coefficients {};
  coefficients coefficients_at(double) const { return {}; }
  template <fovea::real T> void operator()(coefficients, T& parameter, T const& gradient, T& velocity) const {
    velocity = T(momentum) * velocity + gradient;
    parameter = parameter - T(rate) * velocity;
  }
};

int main() {
  fovea::trainer trainer{fovea::host_backend<>{}, fovea::sequential{fovea::linear<2, 1>{}}, fovea::sigmoid_focal_loss{},
                         heavy_ball{}};
  auto const x = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{4, 2});
  auto const y = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{4, 1});
  return trainer.step(x, y) > 1;
}
