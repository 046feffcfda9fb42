// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/scalar/is_finite.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/training/callback.hpp>
#include <fovea/training/epoch_steps.hpp>

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
  auto const outputs = t.predict(options.validation->features);
  auto const& predicted = detail::first_of(outputs);
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

/// Calls the callback's `validate` of each form that it has.
template <class C> void validate_callback(C& c, std::vector<std::string> const& names) {
  fovea::validate(c);
  if constexpr (requires { c.validate(names); }) c.validate(names);
}

/// True if a callback works on this trainer's rank: one that only prints or writes does so on the first rank.
template <class C, class Trainer> bool works_here(Trainer const& t) {
  if constexpr (requires { requires std::remove_cvref_t<C>::on_first_rank_only; }) return t.rank() == 0;
  else return true;
}
/// True if a callback may stop the training after a step.
template <class C, class Trainer>
concept stopping_callback = requires(C& c, step_report const& r) {
  { c.on_step(r) } -> std::same_as<bool>;
} || requires(C& c, step_report const& r, Trainer& t) {
  { c.on_step(r, t) } -> std::same_as<bool>;
};

/// Calls the callback's on_step, if it has one; returns true if that requests to stop.
template <class Trainer, class C> bool call_on_step(C& c, step_report const& r, Trainer& t) {
  if (!detail::works_here<C>(t)) return false;
  if constexpr (requires { c.on_step(r, t); }) return detail::asks_to_stop([&] { return c.on_step(r, t); });
  else if constexpr (step_callback<C, Trainer>) return detail::asks_to_stop([&] { return c.on_step(r); });
  else return false;
}
template <class Trainer, class C> bool call_on_epoch(C& c, epoch_report const& r, Trainer& t) {
  if (!detail::works_here<C>(t)) return false;
  if constexpr (epoch_callback<C, Trainer>) return detail::asks_to_stop([&] { return c.on_epoch(r, t); });
  else return false;
}
template <class Trainer, class C> void call_on_end(C& c, std::vector<epoch_report> const& history, Trainer& t) {
  if constexpr (end_callback<C, Trainer>)
    if (detail::works_here<C>(t)) c.on_end(history, t);
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
void run_epochs(fit_run<Trainer, Data, C...>& run, B const& b, epoch_steps const& steps) {
  auto& t = run.trainer;
  auto const& options = run.options;
  while (run.history.size() < options.epochs && !run.stopped) {
    auto const epoch = run.history.size() + 1;
    epoch_report report;
    report.epoch = epoch, report.epochs = options.epochs;
    auto const begin = std::chrono::steady_clock::now();
    auto const seconds = [begin, before = run.seconds] {
      return before + std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    auto const on_step = [&](std::size_t before, deferred<B> const& loss) {
      auto const step = report.steps = before + 1;
      report.rows = steps.rows_of(step);
      if constexpr ((step_callback<C, Trainer> || ...)) {
        auto const finite = [&] {
          double const number = loss;
          if (!detail::is_finite(number)) throw loss_not_finite("fit", number, epoch, step, steps);
          return number;
        };
        step_report const r{epoch,       options.epochs, step, steps.count(), step_loss(finite), detail::rate_of(t),
                            report.rows, seconds()};
        std::apply([&](C&... c) { ((run.stopped |= detail::call_on_step(c, r, t)), ...); }, run.callbacks);
      }
      constexpr bool stops = (stopping_callback<C, Trainer> || ...);
      if constexpr (stops) run.stopped = t.parallel().any(run.stopped);  // all ranks save, or none
      if constexpr ((saving_callback<C, fit_run<Trainer, Data, C...>> || ...)) {
        run.seconds = seconds(), run.within_epoch = true;
        if (!run.stopped) detail::save_run(run);
      }
      if constexpr (stops) return agreed_stop{run.stopped};
    };
    try {
      report.loss = t.epoch(run.data, on_step);
    } catch (loss_not_finite const& e) {
      throw loss_not_finite("fit", e.loss, epoch, e.step, e.steps);
    }
    if (!run.stopped) report.steps = steps.count(), report.rows = steps.rows;
    report.learning_rate = detail::rate_of(t);
    report.seconds = seconds();
    detail::validate_epoch(t, b, options, report);
    t.parallel().agree_on(report);
    std::apply([&](C&... c) { ((run.stopped |= detail::call_on_epoch(c, report, t)), ...); }, run.callbacks);
    run.stopped = t.parallel().any(run.stopped);
    run.history.push_back(std::move(report));
    run.seconds = 0, run.within_epoch = false;
    detail::save_run(run);
  }
}

/// Runs the epochs between the callbacks' on_begin and on_end. Whatever ends the training, each on_end is called once.
template <class Trainer, backend B, class Data, class... C>
std::vector<epoch_report> fit(Trainer& t, B const& b, Data const& train, epoch_steps const& steps,
                              fit_options<Data> const& options, C&... callbacks) {
  t.parallel().agree([&] {
    fovea::validate(options);
    [[maybe_unused]] auto const names = options.names();
    (detail::validate_callback(callbacks, names), ...);
    if (options.validation && options.validation->rows() == 0)
      throw argument_error("fit: the validation data set has no rows");
  });
  [[maybe_unused]] auto const begin = [&](auto& c) {
    if constexpr (begin_callback<decltype(c), Trainer>)
      if (detail::works_here<decltype(c)>(t)) c.on_begin(t);
  };
  t.parallel().agree([&] { (begin(callbacks), ...); });
  fit_run<Trainer, Data, C...> run{t, train, options, std::tie(callbacks...)};
  t.parallel().agree([&] { detail::restore_run(run); });
  t.parallel().require_same("checkpoint", {run.history.size(), t.steps()});
  try {
    t.parallel().guard([&] { detail::run_epochs(run, b, steps); });
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
  t.parallel().agree([&] { (detail::call_on_end(callbacks, run.history, t), ...); });
  return std::move(run.history);
}

}  // namespace fovea::detail
