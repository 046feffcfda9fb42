// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// What `fit` passes to callbacks after each step. Epochs and steps count from 1.
struct step_report {
  std::size_t epoch, epochs;
  std::size_t step, steps;  // of this epoch
  double loss;              // the mean loss of the batch, before the update
};

/// What `fit` passes to callbacks after each epoch and returns for every epoch. Epochs count from 1.
struct epoch_report {
  std::size_t epoch = 0, epochs = 0;
  double loss = 0;                                      // mean over the rows, each before the update of its batch
  std::optional<double> validation_loss;                // with the parameters at the end of the epoch
  std::vector<std::pair<std::string, double>> metrics;  // (name, value), of the predictions on the validation rows
  double seconds = 0;                                   // of training, without validation

  /// Returns the loss that `early_stopping` and `best_weights` compare: the validation loss if there is one, else the
  /// training loss.
  double monitored() const { return validation_loss.value_or(loss); }
};

/// A metric with a name: a number computed from the predictions and the targets of the validation rows.
template <class T> struct named_metric {
  std::string name;
  std::function<double(std::span<T const> predictions, std::span<T const> targets)> compute;
};

/// Options of `trainer::fit`. `metrics` are computed on the validation rows after each epoch and require `validation`.
template <backend B> struct fit_options {
  std::size_t epochs = 1;
  dataset<B> const* validation = nullptr;
  std::vector<named_metric<typename B::value_type>> metrics = {};

  void validate() const {
    require(epochs != 0, "fit: epochs must be at least 1", 0);
    require(metrics.empty() || validation, "fit: metrics need validation rows; metrics",
            static_cast<double>(metrics.size()));
  }
};

/// The members that a callback may have. `on_step` and `on_epoch` return void, or a bool: true stops the training.
template <class C>
concept step_callback = requires(C& c, step_report const& r) { c.on_step(r); };
template <class C, class Trainer>
concept epoch_callback = requires(C& c, epoch_report const& r, Trainer& t) { c.on_epoch(r, t); };
template <class C, class Trainer>
concept end_callback = requires(C& c, std::vector<epoch_report> const& h, Trainer& t) { c.on_end(h, t); };

/// An object that `fit` calls while it trains.
///
/// Laws: `on_step` and `on_epoch` return void or bool. Counter-example: an object whose only member is `on_batch`, which
/// `fit` would never call.
template <class C, class Trainer>
concept callback = step_callback<C> || epoch_callback<C, Trainer> || end_callback<C, Trainer>;

namespace detail {

/// Calls f and returns true if f requests to stop the training.
template <class F> bool asks_to_stop(F const& f) {
  static_assert(std::is_void_v<decltype(f())> || std::same_as<decltype(f()), bool>,
                "fit: a callback's member returns void, or a bool that is true to stop");
  if constexpr (std::is_void_v<decltype(f())>) return f(), false;
  else return f();
}

}  // namespace detail
}  // namespace fovea
