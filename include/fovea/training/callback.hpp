// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/error.hpp>
#include <fovea/training/reports.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// A metric with a name: a number computed from the predictions and the targets of the validation rows.
template <class T> struct named_metric {
  std::string name;
  std::function<double(std::span<T const> predictions, std::span<T const> targets)> compute;
};

/// The validation rows of `fit`: a pointer to a data set, or null.
template <class Data> class validation_rows {
 public:
  validation_rows(Data const* data = nullptr) : data_(data) {}
  /// For another type: the error says why.
  template <class Other>
    requires(!std::convertible_to<Other, Data const*>)
  validation_rows(Other const&) {
    static_assert(
        sizeof(Other) == 0,
        "fit: validation is the address of a data set of the training data's type, such as {.validation = &valid}");
  }
  explicit operator bool() const { return data_ != nullptr; }
  Data const& operator*() const { return *data_; }
  Data const* operator->() const { return data_; }

 private:
  Data const* data_ = nullptr;
};

/// Options of `trainer::fit` on a data set of type `Data`, which is also that of the validation rows. `metrics` are computed on
/// these after each epoch and require `validation`; their names differ from each other and from the reports' own numbers.
template <class Data> struct fit_options {
  std::size_t epochs = 1;
  validation_rows<Data> validation = {};
  std::vector<named_metric<typename Data::value_type>> metrics = {};

  void validate() const {
    require(epochs != 0, "fit: epochs must be at least 1", 0);
    require(metrics.empty() || validation, "fit: metrics need validation rows; metrics",
            static_cast<double>(metrics.size()));
    std::vector<std::string_view> taken{"",        "epoch",          "loss", "validation_loss", "learning_rate",
                                        "seconds", "rows_per_second"};
    for (auto const& metric : metrics) {
      if (std::ranges::find(taken, metric.name) != taken.end())
        throw argument_error("fit: a metric needs a name of its own, got \"" + metric.name + "\"");
      taken.push_back(metric.name);
    }
  }
  /// The names of the numbers that each report will have (`epoch_report::names`).
  std::vector<std::string> names() const {
    std::vector<std::string> all{"loss"};
    if (validation) all.emplace_back("validation_loss");
    for (auto const& metric : metrics) all.push_back(metric.name);
    return all;
  }
};

/// The members that a callback may have. `on_step` and `on_epoch` return void, or a bool: true stops the training.
///
/// Before anything else, `fit` calls `validate()` and `validate(names)`, if a callback has them: they throw if the callback cannot
/// serve reports of these names (`epoch_report::names`, a `std::vector<std::string>`).
template <class C, class Trainer>
concept begin_callback = requires(C& c, Trainer& t) { c.on_begin(t); };
/// A callback that is called after each step.
template <class C, class Trainer>
concept step_callback = requires(C& c, step_report const& r) { c.on_step(r); } ||
                        requires(C& c, step_report const& r, Trainer& t) { c.on_step(r, t); };
/// A callback that is called after each epoch.
template <class C, class Trainer>
concept epoch_callback = requires(C& c, epoch_report const& r, Trainer& t) { c.on_epoch(r, t); };
/// A callback that is called when training ends, also by an exception.
template <class C, class Trainer>
concept end_callback = requires(C& c, std::vector<epoch_report> const& h, Trainer& t) { c.on_end(h, t); };

/// An object that `fit` calls while it trains: `on_begin(trainer)` before the first epoch, where a callback that serves several
/// fits resets itself; `on_step(step_report)` or `on_step(step_report, trainer)` after each step; `on_epoch(epoch_report,
/// trainer)` after each epoch; `on_end(history, trainer)` whatever ends the training: the last epoch, a stop, or an exception.
///
/// A callback that keeps what it has seen has `for_each_state(visit)`, which calls `visit(name, number)` for each number, or
/// `std::vector<double>`, and `visit(name, shape, pointer)` for a tensor in the backend's memory: a checkpoint saves and restores
/// them.
///
/// Laws: `on_step` and `on_epoch` return void or bool; a member of one of these names takes these arguments.
/// Counter-example: an object whose only member is `on_batch`, which `fit` would never call.
template <class C, class Trainer>
concept callback =
    begin_callback<C, Trainer> || step_callback<C, Trainer> || epoch_callback<C, Trainer> || end_callback<C, Trainer>;

/// A training in progress: what a callback that saves and restores it (`saving_callback`) is given.
template <class Trainer, class Data, class... C> struct fit_run {
  Trainer& trainer;
  Data const& data;
  fit_options<Data> const& options;
  std::tuple<C&...> callbacks;
  std::vector<epoch_report> history = {};  // of the epochs so far
  bool stopped = false;                    // by a callback
  bool within_epoch = false;
  double seconds = 0;  // of training in this epoch so far

  /// Calls `visit` as `trainer::for_each_state` does, for the trainer, for `fit` and for each callback, and with the history.
  template <class Visit> void for_each_state(Visit&& visit) {
    trainer.for_each_state(visit);
    visit("fit.history", history);
    visit("fit.stopped", stopped);
    visit("fit.seconds", seconds);
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (visit_callback(visit, std::get<K>(callbacks), "fit.callbacks." + std::to_string(K) + '.'), ...);
    }(std::index_sequence_for<C...>{});
  }

 private:
  template <class Visit, class One>
  static void visit_callback(Visit& visit, One& callback, [[maybe_unused]] std::string const& prefix) {
    auto const named = [&](std::string const& name, auto&&... rest) { visit(prefix + name, rest...); };
    if constexpr (requires { callback.for_each_state(named); }) callback.for_each_state(named);
  }
};

/// A callback that saves a run and restores it: `fit` calls `restore(run)` after each on_begin, and `save(run)` after each step and
/// each epoch, when all callbacks have been called.
template <class C, class Run>
concept saving_callback = requires(C& c, Run& run) { c.restore(run), c.save(run); };

namespace detail {

/// Calls f and returns true if f requests to stop the training.
template <class F> bool asks_to_stop(F const& f) {
  static_assert(std::is_void_v<decltype(f())> || std::same_as<decltype(f()), bool>,
                "fit: a callback's member returns void, or a bool that is true to stop");
  if constexpr (std::is_void_v<decltype(f())>) return f(), false;
  else return f();
}

/// What an epoch's on_step returns if all ranks have agreed on it.
struct agreed_stop {
  bool stops;
};

// True if C has a member of that name, whatever it takes: in a class that inherits another one, the name is ambiguous. Nothing inherits
// a final class or a union; there, a name that is private, overloaded or a template is not seen.
struct name_on_begin {
  int on_begin;
};
struct name_on_step {
  int on_step;
};
struct name_on_epoch {
  int on_epoch;
};
struct name_on_end {
  int on_end;
};
template <class C> inline constexpr bool inheritable = !std::is_final_v<C> && !std::is_union_v<C>;
template <class C, class Name> struct inherits_both : C, Name {};
template <class C>
concept has_on_begin =
    requires { &C::on_begin; } || (inheritable<C> && !requires { &inherits_both<C, name_on_begin>::on_begin; });
template <class C>
concept has_on_step =
    requires { &C::on_step; } || (inheritable<C> && !requires { &inherits_both<C, name_on_step>::on_step; });
template <class C>
concept has_on_epoch =
    requires { &C::on_epoch; } || (inheritable<C> && !requires { &inherits_both<C, name_on_epoch>::on_epoch; });
template <class C>
concept has_on_end =
    requires { &C::on_end; } || (inheritable<C> && !requires { &inherits_both<C, name_on_end>::on_end; });

/// Stops the compiler at a member that `fit` would never call because it takes other arguments.
template <class C, class Trainer> constexpr void check_members() {
  if constexpr (std::is_class_v<C> || std::is_union_v<C>) {
    static_assert(!has_on_begin<C> || begin_callback<C, Trainer>, "fit: a callback's on_begin takes (trainer)");
    static_assert(!has_on_step<C> || step_callback<C, Trainer>,
                  "fit: a callback's on_step takes (step_report) or (step_report, trainer)");
    static_assert(!has_on_epoch<C> || epoch_callback<C, Trainer>,
                  "fit: a callback's on_epoch takes (epoch_report, trainer)");
    static_assert(!has_on_end<C> || end_callback<C, Trainer>,
                  "fit: a callback's on_end takes (std::vector<epoch_report>, trainer)");
  }
}

}  // namespace detail
}  // namespace fovea
