// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/training/callback.hpp>

namespace fovea::detail {

/// Adds the validation loss and the metrics to the report, if there are validation rows.
template <class Trainer, backend B>
void validate_epoch(Trainer& t, B const& b, fit_options<B> const& options, epoch_report& report) {
  using T = typename B::value_type;
  if (!options.validation) return;
  report.validation_loss = t.evaluate(*options.validation);
  if (options.metrics.empty()) return;
  auto const predicted = t.predict(options.validation->features);
  std::vector<T> p(size(predicted)), y(size(options.validation->targets));
  b.copy(data(predicted), p.data(), p.size());
  b.copy(data(options.validation->targets), y.data(), y.size());
  for (auto const& m : options.metrics) report.metrics.emplace_back(m.name, m.compute(p, y));
}

/// Trains until the last epoch or until a callback requests to stop. An epoch that is stopped midway still has a report.
template <class Trainer, backend B, class... C>
std::vector<epoch_report> run_epochs(Trainer& t, B const& b, dataset<B> const& train, std::size_t batch_size,
                                     fit_options<B> const& options, C&... callbacks) {
  validate(options);
  (validate(callbacks), ...);
  std::vector<epoch_report> history;
  auto const steps = (train.rows() + batch_size - 1) / batch_size;
  bool stop = false;
  for (std::size_t epoch = 1; epoch <= options.epochs && !stop; ++epoch) {
    auto const begin = std::chrono::steady_clock::now();
    auto const on_step = [&](std::size_t step, double loss) {
      if (!std::isfinite(loss))
        throw numeric_error(
            "fit: the loss is " + std::to_string(loss) + " at epoch " + std::to_string(epoch) + ", step " +
            std::to_string(step + 1) + " of " + std::to_string(steps) + " (rows " + std::to_string(step * batch_size) +
            " to " + std::to_string(std::min(train.rows(), (step + 1) * batch_size) - 1) + " of the epoch's order)");
      step_report const r{epoch, options.epochs, step + 1, steps, loss};
      [[maybe_unused]] auto const call = [&](auto& c) {
        if constexpr (step_callback<decltype(c)>) stop |= detail::asks_to_stop([&] { return c.on_step(r); });
      };
      (call(callbacks), ...);
      return stop;
    };
    epoch_report report;
    report.epoch = epoch, report.epochs = options.epochs;
    report.loss = t.epoch(train, on_step);
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    validate_epoch(t, b, options, report);
    [[maybe_unused]] auto const call = [&](auto& c) {
      if constexpr (epoch_callback<decltype(c), Trainer>)
        stop |= detail::asks_to_stop([&] { return c.on_epoch(report, t); });
    };
    (call(callbacks), ...);
    history.push_back(std::move(report));
  }
  [[maybe_unused]] auto const call = [&](auto& c) {
    if constexpr (end_callback<decltype(c), Trainer>) c.on_end(history, t);
  };
  (call(callbacks), ...);
  return history;
}

}  // namespace fovea::detail
