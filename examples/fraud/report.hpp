// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iosfwd>
#include <string>
#include <vector>

#include <fovea/training/callback.hpp>

#include "data.hpp"
#include "results.hpp"

namespace fraud {

void print_data(source const& from, fovea::table_split const& parts);

/// "As published, BCE", "Corrected, focal loss, gamma 4", ...
std::string heading(std::string const& mode);
std::string title(std::string const& mode, std::string const& loss, options const& o);

/// Prints the confusion matrix and scores of a run on the test split.
void print_scores(run const& r);

/// Prints means and standard deviations of the runs of each mode and loss.
void print_study(std::vector<run> const& runs, options const& o, std::size_t test_frauds);

/// Writes every run as JSON, for `--json`.
void write_json(std::ostream& to, results const& from);

/// A callback that prints the mean loss since its last line, about five times per epoch, unless it is quiet.
class running_loss {
 public:
  explicit running_loss(bool quiet) : quiet_(quiet) {}
  void on_step(fovea::step_report const& r) {
    auto const every = std::max<std::size_t>(1, r.steps / 5);
    if (r.step == 1) sum_ = 0;
    sum_ += r.loss;
    if (quiet_ || r.step % every != 0) return;
    std::printf("[%zu, %5zu] loss: %.5f\n", r.epoch, r.step, sum_ / static_cast<double>(every));
    sum_ = 0;
  }

 private:
  bool quiet_;
  double sum_ = 0;
};

}  // namespace fraud
