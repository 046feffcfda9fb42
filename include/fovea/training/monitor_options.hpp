// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <fovea/training/reports.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// The direction in which a monitored number improves.
enum class monitor_mode { smaller_is_better, larger_is_better };
using enum monitor_mode;

/// The number of the reports that a callback monitors, by its name (`epoch_report::value`), the direction in which it improves
/// and by more than how much. The default is the validation loss if there is one, else the training loss.
///
///     fovea::best_weights best{backend, {.monitor = "average_precision", .mode = fovea::larger_is_better}};
struct monitor_options {
  std::string monitor = "";
  monitor_mode mode = smaller_is_better;
  double min_delta = 0;

  /// Returns a bound that every number improves on.
  double worst() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return mode == smaller_is_better ? infinity : -infinity;
  }
  /// Returns true if the number is better than `best` by more than `min_delta`; NaN never is.
  bool improves(double number, double best) const {
    return mode == smaller_is_better ? number < best - min_delta : number > best + min_delta;
  }
  /// Throws `argument_error`, under the callback's name, for an option outside its domain.
  void validate(std::string const& callback) const {
    require(min_delta >= 0, (callback + ": min_delta must not be negative").c_str(), min_delta);
  }
  /// Throws `argument_error`, which lists the names, if the reports have no number of the monitored name.
  void validate(char const* callback, std::vector<std::string> const& names) const {
    if (!monitor.empty() && std::ranges::find(names, monitor) == names.end())
      detail::throw_unknown_name(callback, monitor, names);
  }
};

}  // namespace fovea
