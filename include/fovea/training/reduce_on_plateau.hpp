// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/training/monitor_options.hpp>
#include <fovea/training/reports.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Multiplies the learning rate by `factor` when the monitored number (`monitor_options`) has not improved on its best by more
/// than the share `threshold` of it and `min_delta` for more than `patience` consecutive epochs. After that, `cooldown` epochs do
/// not count. PyTorch's ReduceLROnPlateau. `fit` throws `argument_error` for an option outside its domain and for the name of no
/// report's number. Each fit begins anew.
///
///     trainer.fit(train, {.epochs = 200, .validation = &validation}, fovea::reduce_on_plateau{.patience = 5});
///     fovea::reduce_on_plateau{.monitor = "average_precision", .mode = fovea::larger_is_better, .factor = 0.5}
struct reduce_on_plateau {
  std::string monitor = "";
  monitor_mode mode = smaller_is_better;
  double factor = 0.1;
  std::size_t patience = 10;
  double threshold = 1e-4;
  double min_delta = 0;
  std::size_t cooldown = 0;
  double min_learning_rate = 0;
  double best = watched().worst();
  std::size_t waited = 0, cooling = 0;

  monitor_options watched() const { return {monitor, mode, min_delta}; }

  template <class Trainer> void on_begin(Trainer&) { best = watched().worst(), waited = cooling = 0; }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer& t) {
    double const found = r.value(monitor), share = mode == smaller_is_better ? -threshold : threshold;
    if (watched().improves(found, best * (1 + share))) best = found, waited = 0;
    else ++waited;
    if (cooling != 0) --cooling, waited = 0;
    if (waited <= patience) return;
    cooling = cooldown, waited = 0;
    double const rate = t.learning_rate();
    if (rate > min_learning_rate) t.scale_learning_rate((std::max)(factor, min_learning_rate / rate));
  }
  template <class Visit> void for_each_state(Visit&& visit) {
    visit("best", best), visit("waited", waited), visit("cooling", cooling);
  }
  void validate() const {
    require(factor > 0 && factor < 1, "reduce_on_plateau: factor must be in (0, 1)", factor);
    require(threshold >= 0 && threshold < 1, "reduce_on_plateau: threshold must be in [0, 1)", threshold);
    require(min_learning_rate >= 0 && min_learning_rate <= 1e30,
            "reduce_on_plateau: min_learning_rate must be finite and not negative", min_learning_rate);
    watched().validate("reduce_on_plateau");
  }
  void validate(std::vector<std::string> const& names) const { watched().validate("reduce_on_plateau", names); }
};

}  // namespace fovea
