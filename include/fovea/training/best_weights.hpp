// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <optional>

#include <fovea/scalar/is_finite.hpp>
#include <fovea/training/callback.hpp>

namespace fovea {

/// Keeps the parameters of the epoch with the lowest monitored loss (`epoch_report::monitored`) and restores them when `fit`
/// ends, also by an exception. An epoch whose monitored loss is NaN is never the best. Each fit begins anew.
///
///     fovea::best_weights best{backend};
///     trainer.fit(train, {.epochs = 200, .validation = &validation}, best);
///     std::printf("restored epoch %zu\n", best.epoch());
template <backend B> class best_weights {
 public:
  explicit best_weights(B const& b) : backend_(b) {}

  template <class Trainer> void on_begin(Trainer&) {
    kept_.reset();
    best_ = std::numeric_limits<double>::infinity();
    epoch_ = 0;
  }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer& t) {
    if (detail::is_nan(r.monitored()) || (kept_ && !(r.monitored() < best_))) return;
    best_ = r.monitored();
    epoch_ = r.epoch;
    if (!kept_) kept_ = fovea::empty_like(backend_, t.parameters());
    backend_.copy(fovea::data(std::as_const(t.parameters())), fovea::data(*kept_), fovea::size(*kept_));
  }
  template <class Trainer> void on_end(std::vector<epoch_report> const&, Trainer& t) {
    if (kept_) backend_.copy(fovea::data(std::as_const(*kept_)), fovea::data(t.parameters()), fovea::size(*kept_));
  }
  /// The epoch whose parameters are kept, counted from 1; 0 before the first epoch.
  std::size_t epoch() const { return epoch_; }

 private:
  B backend_;
  std::size_t epoch_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
  std::optional<typename B::template tensor<typename B::value_type, 1>> kept_;
};

}  // namespace fovea
