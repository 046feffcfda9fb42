// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <fovea/training/monitor_options.hpp>
#include <fovea/training/reports.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Stops the training when the monitored number (`monitor_options`) has not improved by more than `min_delta` on its best for
/// `patience` consecutive epochs. `fit` throws `argument_error` if `patience` is 0, `min_delta` negative or the name of no
/// report's number. Each fit begins anew.
///
///     trainer.fit(train, {.epochs = 200, .validation = &validation}, fovea::early_stopping{.patience = 15});
///     fovea::early_stopping{.monitor = "average_precision", .mode = fovea::larger_is_better, .patience = 15}
struct early_stopping {
  std::string monitor = "";
  monitor_mode mode = smaller_is_better;
  std::size_t patience = 5;
  double min_delta = 0;
  double best = watched().worst();
  std::size_t waited = 0;

  monitor_options watched() const { return {monitor, mode, min_delta}; }

  template <class Trainer> void on_begin(Trainer&) { best = watched().worst(), waited = 0; }
  template <class Trainer> bool on_epoch(epoch_report const& r, Trainer&) {
    double const found = r.value(monitor);
    bool const improved = watched().improves(found, best);
    if (improved) best = found;
    waited = improved ? 0 : waited + 1;
    return waited >= patience;
  }
  template <class Visit> void for_each_state(Visit&& visit) { visit("best", best), visit("waited", waited); }
  void validate() const {
    require(patience != 0, "early_stopping: patience must be at least 1", 0);
    watched().validate("early_stopping");
  }
  void validate(std::vector<std::string> const& names) const { watched().validate("early_stopping", names); }
};

}  // namespace fovea
