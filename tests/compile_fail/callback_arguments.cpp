// SPDX-License-Identifier: MIT
// expect: fit: a callback's on_step takes (step_report) or (step_report, trainer)
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

struct patience {
#ifdef MISUSE
  void on_step(int) {}
#else
  template <class T> void on_step(fovea::step_report const&, T&) {}
#endif
  template <class T> bool on_epoch(fovea::epoch_report const& r, T&) { return r.loss < 0.1; }
};

void train(fovea::dataset<fovea::host_backend<>> const& rows) {
  fovea::trainer trainer{fovea::host_backend<>{}, fovea::sequential{fovea::linear<2, 1>{}}, fovea::sigmoid_focal_loss{},
                         fovea::adam{}};
  trainer.fit(rows, {.epochs = 2}, patience{});
}
