// SPDX-License-Identifier: MIT
// expect: trainer: the loss takes logits, and the network's last activation makes probabilities of them: leave that layer out
#include <fovea/backends/host.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

using classes = fovea::dataset<fovea::host_backend<>, float, int>;

void train(classes const& rows) {
#ifdef MISUSE
  fovea::sequential const net{fovea::linear<2, 3>{}, fovea::sigmoid{}};
#else
  fovea::sequential const net{fovea::linear<2, 3>{}};
#endif
  fovea::trainer{fovea::host_backend<>{}, net, fovea::softmax_cross_entropy{}, fovea::adam{}}.epoch(rows);
}
