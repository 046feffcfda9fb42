// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/storage.hpp>
#include <fovea/training/monitor_options.hpp>
#include <fovea/training/reports.hpp>

namespace fovea {

/// Keeps the parameters of the epoch whose monitored number (`monitor_options`) is best, and restores them when `fit` ends, also
/// by an exception. With `min_delta`, an epoch must be better than the one kept by more than that. An epoch whose number is NaN is
/// never the best. `fit` throws `argument_error` for a negative `min_delta` and for the name of no report's number. Each fit
/// begins anew.
///
///     fovea::best_weights best{backend, {.monitor = "average_precision", .mode = fovea::larger_is_better}};
///     trainer.fit(train, options, best);
///     std::printf("restored epoch %zu\n", best.epoch);
template <backend B> struct best_weights {
  B backend;
  monitor_options watched;
  double best;
  std::size_t epoch = 0;  // whose parameters are kept, counted from 1; 0 before the first one
  std::optional<typename B::template tensor<typename B::value_type, 1>> kept;

  explicit best_weights(B const& b, monitor_options const& options = {})
      : backend(b), watched(options), best(options.worst()) {}

  template <class Trainer> void on_begin(Trainer& t) {
    keep(t);
    best = watched.worst(), epoch = 0;
  }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer& t) {
    double const found = r.value(watched.monitor);
    if (detail::is_nan(found) || (epoch != 0 && !watched.improves(found, best))) return;
    best = found, epoch = r.epoch;
    keep(t);
  }
  template <class Trainer> void on_end(std::vector<epoch_report> const&, Trainer& t) {
    if (epoch != 0) backend.copy(fovea::data(std::as_const(*kept)), fovea::data(t.parameters()), fovea::size(*kept));
  }
  template <class Visit> void for_each_state(Visit&& visit) {
    visit("best", best), visit("epoch", epoch);
    visit("kept", fovea::shape_of(*kept), fovea::data(*kept));
  }
  void validate() const { watched.validate("best_weights"); }
  void validate(std::vector<std::string> const& names) const { watched.validate("best_weights", names); }

 private:
  template <class Trainer> void keep(Trainer const& t) {
    if (!kept || fovea::size(*kept) != fovea::size(t.parameters())) kept = fovea::empty_like(backend, t.parameters());
    backend.copy(fovea::data(t.parameters()), fovea::data(*kept), fovea::size(*kept));
  }
};

}  // namespace fovea
