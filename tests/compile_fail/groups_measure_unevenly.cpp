// SPDX-License-Identifier: MIT
// expect: groups: what measures all parameters stands before the groups, unless all groups measure equally often
#include <fovea/backends/host.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/clip.hpp>
#include <fovea/optimizers/groups.hpp>
#include <fovea/training/trainer.hpp>

int main() {
  constexpr fovea::sequential net{fovea::linear<2, 1>{}};
  fovea::clip_by_global_norm const clip;
  fovea::group const all{"*", fovea::clip_by_value{}};
#ifdef MISUSE
  fovea::chain const rule{fovea::groups{fovea::group{"*.bias", fovea::chain{fovea::clip_by_value{}, clip}}, all}, clip,
                          fovea::adam{}};
#else
  fovea::chain const rule{clip, fovea::groups{fovea::group{"*.bias", fovea::chain{fovea::clip_by_value{}, clip}}, all},
                          fovea::adam{}};
#endif
  fovea::trainer trainer{fovea::host_backend<float>{}, net, fovea::mean_squared_error{}, rule};
  return trainer.steps() == 0 ? 0 : 1;
}
