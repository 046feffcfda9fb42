// SPDX-License-Identifier: MIT
// expect: trainer: what draws noise or scales units is a link of the outermost chain, outside of `scheduled`
#include <fovea/backends/host.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/gradient_noise.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/training/trainer.hpp>

int main() {
  constexpr fovea::sequential net{fovea::linear<2, 1>{}};
  fovea::cosine_decay const schedule{.steps = 10};
#ifdef MISUSE
  fovea::scheduled const rule{schedule, fovea::chain{fovea::gradient_noise{}, fovea::adam{}}};
#else
  fovea::chain const rule{fovea::gradient_noise{}, fovea::scheduled{schedule, fovea::adam{}}};
#endif
  fovea::trainer trainer{fovea::host_backend<float>{}, net, fovea::mean_squared_error{}, rule};
  return trainer.steps() == 0 ? 0 : 1;
}
