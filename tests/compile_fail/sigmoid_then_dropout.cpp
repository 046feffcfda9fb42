// SPDX-License-Identifier: MIT
// expect: trainer: the loss takes logits and applies the network's last activation itself: leave that layer out
#include <fovea/backends/host.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

void train(fovea::dataset<fovea::host_backend<>> const& rows) {
#ifdef MISUSE
  fovea::sequential const net{fovea::linear<2, 1>{}, fovea::sequential{fovea::sigmoid{}, fovea::dropout{0.1}},
                              fovea::identity{}, fovea::flatten{}};
#else
  fovea::sequential const net{fovea::linear<2, 1>{}, fovea::dropout{0.1}, fovea::identity{}, fovea::flatten{}};
#endif
  fovea::trainer{fovea::host_backend<>{}, net, fovea::sigmoid_focal_loss{}, fovea::adam{}}.epoch(rows);
}
