// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>

#include <fovea/training/callback.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Stops the training when the monitored loss (`epoch_report::monitored`) has not fallen by more than `min_delta` below its
/// best value for `patience` consecutive epochs. `fit` throws `argument_error` if `patience` is 0 or `min_delta` negative.
/// Each fit begins anew.
///
///     trainer.fit(train, {.epochs = 200, .validation = &validation}, fovea::early_stopping{.patience = 15});
struct early_stopping {
  std::size_t patience = 5;
  double min_delta = 0;
  double best = std::numeric_limits<double>::infinity();
  std::size_t waited = 0;

  template <class Trainer> void on_begin(Trainer&) {
    best = std::numeric_limits<double>::infinity();
    waited = 0;
  }
  template <class Trainer> bool on_epoch(epoch_report const& r, Trainer&) {
    if (r.monitored() < best - min_delta) {
      best = r.monitored();
      waited = 0;
      return false;
    }
    return ++waited >= patience;
  }
  void validate() const {
    require(patience != 0, "early_stopping: patience must be at least 1", 0);
    require(min_delta >= 0, "early_stopping: min_delta must not be negative", min_delta);
  }
};

}  // namespace fovea
