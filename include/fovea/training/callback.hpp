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

/// What is known after a step of `fit`. Epochs and steps count from 1.
struct step_report {
  std::size_t epoch, epochs;
  std::size_t step, steps;  // of this epoch
  double loss;
};

/// What is known after an epoch of `fit`.
struct epoch_report {
  std::size_t epoch = 0, epochs = 0;
  double loss = 0;                                      // mean over the rows, each as it was when its turn came
  std::optional<double> validation_loss;                // with the parameters that the epoch ended with
  std::vector<std::pair<std::string, double>> metrics;  // of the predictions on the validation rows
  double seconds = 0;                                   // training alone

  /// What early stopping and the best weights go by: the validation loss where there is one.
  double monitored() const { return validation_loss.value_or(loss); }
};

/// A number made of the predictions and the targets of the validation rows.
template <class T> struct named_metric {
  std::string name;
  std::function<double(std::span<T const> predictions, std::span<T const> targets)> compute;
};

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

/// What a callback may have: any of these, returning void, or a bool that is true to stop.
template <class C>
concept step_callback = requires(C& c, step_report const& r) { c.on_step(r); };
template <class C, class Trainer>
concept epoch_callback = requires(C& c, epoch_report const& r, Trainer& t) { c.on_epoch(r, t); };
template <class C, class Trainer>
concept end_callback = requires(C& c, std::vector<epoch_report> const& h, Trainer& t) { c.on_end(h, t); };

/// An object that `fit` calls as it goes. Counter-example: one with none of the three members, which would never be called.
template <class C, class Trainer>
concept callback = step_callback<C> || epoch_callback<C, Trainer> || end_callback<C, Trainer>;

namespace detail {

/// Calls f and says whether it asks to stop.
template <class F> bool asks_to_stop(F const& f) {
  static_assert(std::is_void_v<decltype(f())> || std::same_as<decltype(f()), bool>,
                "fit: a callback's member returns void, or a bool that is true to stop");
  if constexpr (std::is_void_v<decltype(f())>) return f(), false;
  else return f();
}

}  // namespace detail
}  // namespace fovea
