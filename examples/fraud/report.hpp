// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <iosfwd>
#include <string>
#include <vector>

#include <fovea/training/callback.hpp>

#include "data.hpp"
#include "results.hpp"

namespace fraud {

/// The first five rows as a table; if there are many columns, the first four and the last three.
std::string first_rows(fovea::table const& rows);

/// Prints where the data is from, the classes' sizes, the first rows and the split.
void print_data(std::string const& name, std::string const& first, fovea::table_split const& parts);

/// "As published, BCE", "Corrected, focal loss, gamma 4", ...
std::string heading(std::string const& mode);
std::string title(std::string const& mode, std::string const& loss, options const& o);

/// Writes out what was printed. Throws `fovea::io_error` if standard output does not take it: a full disk, a closed pipe.
void flush_output();

/// Prints the confusion matrix and scores of a run on the test split.
void print_scores(run const& r);

/// Prints means and standard deviations of the runs of each mode and loss.
void print_study(std::vector<run> const& runs, options const& o, std::size_t test_frauds);

/// Writes every run as JSON, for `--json`.
void write_json(std::ostream& to, results const& from);

/// A callback that prints the loss of every 100th batch from the first, with the rows trained before it, unless it is quiet.
struct running_loss {
  std::size_t rows, batch;
  bool quiet = false;
  bool rate = false;  // prints the learning rate, too

  void on_step(fovea::step_report const& r) const {
    if (quiet || r.step % 100 != 1) return;
    if (r.step == 1) std::printf("Epoch %zu\n-------------------------------\n", r.epoch);
    std::printf("loss: %f [%5zu/%5zu]", double{r.loss}, (r.step - 1) * batch, rows);
    if (rate) std::printf(" learning rate: %.3g", r.learning_rate);
    std::printf("\n");
    flush_output();
  }
};

}  // namespace fraud
