// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/error.hpp>

namespace fovea {

namespace detail {

/// Returns the quotient, or 0 of 0.
inline double share(double of, double all) { return all > 0 ? of / all : 0; }

[[noreturn]] inline void throw_unknown_name(char const* who, std::string_view name,
                                            std::vector<std::string> const& names) {
  std::string message = std::string(who) + ": the reports have no \"" + std::string(name) + "\"; they have: ";
  for (auto const& known : names) message += (&known == names.data() ? "" : ", ") + known;
  throw argument_error(message);
}

}  // namespace detail

/// The mean loss of a step's batch, before the update: a double that stays in the backend's memory until it is first converted.
/// The conversion waits for a device; it throws `numeric_error` if the loss is not finite. A copy holds the number.
///
///     void on_step(fovea::step_report const& r) { if (r.step % 100 == 0) std::printf("%g\n", double{r.loss}); }
class step_loss {
 public:
  step_loss(double loss) : loss_(loss) {}
  /// Converts by `read()`, an object that must live as long as this one.
  template <class F>
    requires std::same_as<std::invoke_result_t<F const&>, double>
  explicit step_loss(F const& read)
      : from_(std::addressof(read)), read_([](void const* f) { return (*static_cast<F const*>(f))(); }) {}
  step_loss(step_loss const& other) : loss_(other) {}
  step_loss& operator=(step_loss const& other) {
    if (this != &other) loss_ = other, read_ = nullptr;
    return *this;
  }
  ~step_loss() = default;

  operator double() const {
    if (read_) loss_ = read_(from_), read_ = nullptr;
    return loss_;
  }

 private:
  mutable double loss_ = 0;
  void const* from_ = nullptr;
  mutable double (*read_)(void const*) = nullptr;
};

/// What `fit` passes to callbacks after each step. Epochs and steps count from 1.
struct step_report {
  std::size_t epoch, epochs;
  std::size_t step, steps;  // of this epoch
  step_loss loss;
  double learning_rate;  // of this step; 0 if the optimizer has none
  std::size_t rows = 0;  // of this epoch so far
  double seconds = 0;    // of this epoch so far, as the host counts them: a device may lag behind

  double rows_per_second() const { return detail::share(static_cast<double>(rows), seconds); }
  double seconds_per_step() const { return detail::share(seconds, static_cast<double>(step)); }
};

/// What `fit` passes to callbacks after each epoch and returns for every epoch. Epochs count from 1.
struct epoch_report {
  std::size_t epoch = 0, epochs = 0;
  double loss = 0;                                      // mean over the rows, each before the update of its batch
  std::optional<double> validation_loss;                // with the parameters at the end of the epoch
  std::vector<std::pair<std::string, double>> metrics;  // (name, value), of the predictions on the validation rows
  double seconds = 0;                                   // of training, without validation
  double learning_rate = 0;                             // of the last step; 0 if the optimizer has none
  std::size_t rows = 0, steps = 0;  // of training; fewer than planned if a callback stopped the epoch

  double rows_per_second() const { return detail::share(static_cast<double>(rows), seconds); }
  double seconds_per_step() const { return detail::share(seconds, static_cast<double>(steps)); }

  /// Returns the loss that callbacks monitor by default: the validation loss if there is one, else the training loss.
  double monitored() const { return validation_loss.value_or(loss); }

  /// The names of the numbers that `value` returns: "loss", "validation_loss" if there is one, and those of the metrics.
  std::vector<std::string> names() const {
    std::vector<std::string> all{"loss"};
    if (validation_loss) all.emplace_back("validation_loss");
    for (auto const& metric : metrics) all.push_back(metric.first);
    return all;
  }
  /// Returns the number of this name; an empty one means `monitored()`. Throws `argument_error`, which lists the names, for
  /// another.
  ///
  ///     double const found = history.back().value("average_precision");
  double value(std::string_view name) const {
    if (name.empty()) return monitored();
    if (name == "loss") return loss;
    if (name == "validation_loss" && validation_loss) return *validation_loss;
    for (auto const& [of, number] : metrics)
      if (of == name) return number;
    detail::throw_unknown_name("epoch_report", name, names());
  }
};

}  // namespace fovea
