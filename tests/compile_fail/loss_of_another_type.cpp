// SPDX-License-Identifier: MIT
// expect: trainer: a loss is a formula of the backend's numbers, of dual numbers and of dual2 numbers
#include <concepts>

#include <fovea/backends/host.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

struct squared {
  template <fovea::real X, std::same_as<double> Y> X operator()(X x, Y y) const { return (x - y) * (x - y); }
};

#ifdef MISUSE
using number = float;
#else
using number = double;
#endif

int main() {
  fovea::trainer trainer{fovea::host_backend<number>{}, fovea::sequential{fovea::linear<2, 1>{}}, squared{},
                         fovea::adam{}};
  auto const x = fovea::host_backend<>::empty<number>(std::array<std::size_t, 2>{4, 2});
  auto const y = fovea::host_backend<>::empty<number>(std::array<std::size_t, 2>{4, 1});
  return trainer.step(x, y) > 1;
}
