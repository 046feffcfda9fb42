// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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

/// Keeps the parameters and the state, such as running statistics, of the epoch whose monitored number (`monitor_options`) is best,
/// and restores them when `fit` ends, also by an exception. With `min_delta`, an epoch must be better than the one kept by more than
/// that. An epoch whose number is NaN is never the best. `fit` throws `argument_error` for a negative `min_delta` and for the name of no report's number. Each fit
/// begins anew.
///
///     fovea::best_weights best{backend, {.monitor = "average_precision", .mode = fovea::larger_is_better}};
///     trainer.fit(train, options, best);
///     std::printf("restored epoch %zu\n", best.epoch);
template <backend B> struct best_weights {
  B backend;
  monitor_options watched;
  double best;
  std::size_t epoch = 0;  // whose weights are kept, counted from 1; 0 before the first one
  std::optional<typename B::template tensor<typename B::value_type, 1>> kept;  // parameters, then the state's numbers
  std::optional<typename B::template tensor<std::int64_t, 1>> counts;          // of the state

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
    if (epoch == 0) return;
    for_each_part(t, [&](auto* of_model, auto const* own, std::size_t n) { backend.copy(own, of_model, n); });
  }
  template <class Visit> void for_each_state(Visit&& visit) {
    visit("best", best), visit("epoch", epoch);
    visit("kept", fovea::shape_of(*kept), fovea::data(*kept));
    visit("counts", fovea::shape_of(*counts), fovea::data(*counts));
  }
  void validate() const { watched.validate("best_weights"); }
  void validate(std::vector<std::string> const& names) const { watched.validate("best_weights", names); }

 private:
  /// Calls f(where the model has them, where they are kept, how many) for the parameters and for each tensor of the state.
  template <class Trainer, class F> void for_each_part(Trainer& t, F const& f) {
    auto* number = fovea::data(*kept);
    auto* count = fovea::data(*counts);
    f(fovea::data(t.parameters()), std::exchange(number, number + fovea::size(t.parameters())),
      fovea::size(t.parameters()));
    for (auto const& s : t.model().named_states()) {
      auto const n = s.extents.size();
      if (s.counts) f(s.counts, std::exchange(count, count + n), n);
      else f(s.numbers, std::exchange(number, number + n), n);
    }
  }
  template <class Trainer> void keep(Trainer& t) {
    std::size_t of_numbers = fovea::size(t.parameters()), of_counts = 0;
    for (auto const& s : t.model().named_states()) (s.counts ? of_counts : of_numbers) += s.extents.size();
    if (!kept || fovea::size(*kept) != of_numbers || fovea::size(*counts) != of_counts) {
      kept = backend.template empty<typename B::value_type>(std::array{of_numbers});
      counts = backend.template empty<std::int64_t>(std::array{of_counts});
    }
    for_each_part(t, [&](auto const* of_model, auto* own, std::size_t n) { backend.copy(of_model, own, n); });
  }
};

}  // namespace fovea
