// SPDX-License-Identifier: MIT
// expect: fit: a callback has none of on_begin(trainer), on_step(step_report), on_epoch(epoch_report, trainer), on_end(history, trainer)
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

struct patience {
#ifdef MISUSE
  bool on_epcoh(fovea::epoch_report const& r, auto&) { return r.loss < 0.1; }
#else
  bool on_epoch(fovea::epoch_report const& r, auto&) { return r.loss < 0.1; }
#endif
};

void train(fovea::dataset<fovea::host_backend<>> const& rows) {
  fovea::trainer trainer{fovea::host_backend<>{}, fovea::sequential{fovea::linear<2, 1>{}}, fovea::sigmoid_focal_loss{},
                         fovea::adam{}};
  trainer.fit(rows, {.epochs = 2}, patience{});
}
