// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/scalar/is_finite.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/training/callback.hpp>

namespace fovea::detail {

/// Adds the validation loss and the metrics to the report, if there are validation rows. Throws `numeric_error` if one of them
/// is not finite.
template <class Trainer, backend B, class Data>
void validate_epoch(Trainer& t, B const& b, fit_options<Data> const& options, epoch_report& report) {
  using T = typename B::value_type;
  if (!options.validation) return;
  auto const finite = [&](std::string const& what, double value) {
    if (!detail::is_finite(value))
      throw numeric_error("fit: " + what + " is " + detail::to_shortest(value) + " after epoch " +
                          std::to_string(report.epoch));
    return value;
  };
  report.validation_loss = finite("the validation loss", t.evaluate(*options.validation));
  if (options.metrics.empty()) return;
  auto const predicted = t.predict(options.validation->features);
  auto const& targets = options.validation->targets;
  auto const p = detail::on_host(b, fovea::data(predicted), fovea::size(predicted));
  auto const found = detail::on_host(b, fovea::data(targets), fovea::size(targets));
  std::vector<T> const y(found.begin(), found.end());
  for (auto const& m : options.metrics)
    report.metrics.emplace_back(m.name, finite("the metric \"" + m.name + "\"", m.compute(p, y)));
}

/// Returns the learning rate of the last step, or 0 if the trainer's optimizer has none.
template <class Trainer> double rate_of(Trainer const& t) {
  if constexpr (requires { t.learning_rate(); }) return t.learning_rate();
  else return 0;
}

/// Calls the callback's on_step, if it has one; returns true if that requests to stop.
template <class Trainer, class C> bool call_on_step(C& c, step_report const& r, Trainer& t) {
  if constexpr (requires { c.on_step(r, t); }) return detail::asks_to_stop([&] { return c.on_step(r, t); });
  else if constexpr (step_callback<C, Trainer>) return detail::asks_to_stop([&] { return c.on_step(r); });
  else return false;
}
template <class Trainer, class C> bool call_on_epoch(C& c, epoch_report const& r, Trainer& t) {
  if constexpr (epoch_callback<C, Trainer>) return detail::asks_to_stop([&] { return c.on_epoch(r, t); });
  else return false;
}
template <class Trainer, class C> void call_on_end(C& c, std::vector<epoch_report> const& history, Trainer& t) {
  if constexpr (end_callback<C, Trainer>) c.on_end(history, t);
}

/// Lets the callbacks that save a run do so, or restore it.
template <class Trainer, class Data, class... C> void save_run(fit_run<Trainer, Data, C...>& run) {
  [[maybe_unused]] auto const save = [&](auto& c) {
    if constexpr (saving_callback<decltype(c), fit_run<Trainer, Data, C...>>) c.save(run);
  };
  std::apply([&](C&... c) { (save(c), ...); }, run.callbacks);
}
template <class Trainer, class Data, class... C> void restore_run(fit_run<Trainer, Data, C...>& run) {
  [[maybe_unused]] auto const restore = [&](auto& c) {
    if constexpr (saving_callback<decltype(c), fit_run<Trainer, Data, C...>>) c.restore(run);
  };
  std::apply([&](C&... c) { (restore(c), ...); }, run.callbacks);
}

/// Trains until the last epoch or until a callback requests to stop. An epoch that is stopped midway still has a report.
template <backend B, class Trainer, class Data, class... C>
void run_epochs(fit_run<Trainer, Data, C...>& run, B const& b, std::size_t batch_size, bool drop_last) {
  using clock = std::chrono::steady_clock;
  auto& t = run.trainer;
  auto const& train = run.data;
  auto const& options = run.options;
  auto const batch = (std::min)(batch_size, (std::max<std::size_t>)(1, train.rows()));
  auto const steps = (train.rows() + (drop_last ? 0 : batch - 1)) / batch;
  while (run.history.size() < options.epochs && !run.stopped) {
    auto const epoch = run.history.size() + 1;
    auto const begin = clock::now();
    double const before = run.seconds;
    auto const on_step = [&](std::size_t step, double loss) {
      if (!detail::is_finite(loss))
        throw numeric_error(
            "fit: the loss is " + detail::to_shortest(loss) + " at epoch " + std::to_string(epoch) + ", step " +
            std::to_string(step + 1) + " of " + std::to_string(steps) + " (rows " + std::to_string(step * batch) +
            " to " + std::to_string((std::min)(train.rows(), (step + 1) * batch) - 1) + " of the epoch's order)");
      [[maybe_unused]] step_report const r{epoch, options.epochs, step + 1, steps, loss, detail::rate_of(t)};
      std::apply([&](C&... c) { ((run.stopped |= detail::call_on_step(c, r, t)), ...); }, run.callbacks);
      if constexpr ((saving_callback<C, fit_run<Trainer, Data, C...>> || ...)) {
        run.seconds = before + std::chrono::duration<double>(clock::now() - begin).count();
        run.within_epoch = true;
        if (!run.stopped) detail::save_run(run);
      }
      return run.stopped;
    };
    epoch_report report;
    report.epoch = epoch, report.epochs = options.epochs;
    report.loss = t.epoch(train, on_step);
    report.learning_rate = detail::rate_of(t);
    report.seconds = before + std::chrono::duration<double>(clock::now() - begin).count();
    detail::validate_epoch(t, b, options, report);
    std::apply([&](C&... c) { ((run.stopped |= detail::call_on_epoch(c, report, t)), ...); }, run.callbacks);
    run.history.push_back(std::move(report));
    run.seconds = 0, run.within_epoch = false;
    detail::save_run(run);
  }
}

/// Runs the epochs between the callbacks' on_begin and on_end. Whatever ends the training, each on_end is called once.
template <class Trainer, backend B, class Data, class... C>
std::vector<epoch_report> fit(Trainer& t, B const& b, Data const& train, std::size_t batch_size, bool drop_last,
                              fit_options<Data> const& options, C&... callbacks) {
  fovea::validate(options);
  (fovea::validate(callbacks), ...);
  if (options.validation && options.validation->rows() == 0)
    throw argument_error("fit: the validation data set has no rows");
  [[maybe_unused]] auto const begin = [&](auto& c) {
    if constexpr (begin_callback<decltype(c), Trainer>) c.on_begin(t);
  };
  (begin(callbacks), ...);
  fit_run<Trainer, Data, C...> run{t, train, options, std::tie(callbacks...)};
  detail::restore_run(run);
  try {
    detail::run_epochs(run, b, batch_size, drop_last);
  } catch (...) {
    [[maybe_unused]] auto const end = [&](auto& c) {
      try {
        detail::call_on_end(c, run.history, t);
      } catch (...) {  // the first exception is the one to report
      }
    };
    (end(callbacks), ...);
    throw;
  }
  (detail::call_on_end(callbacks, run.history, t), ...);
  return std::move(run.history);
}

}  // namespace fovea::detail
