// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/training/log_file.hpp>
#include <fovea/training/reports.hpp>

namespace fovea {

/// Writes a table of the epochs as CSV: a header, and after each epoch one row, flushed at once. The columns are epoch, loss,
/// validation_loss if there is one, the metrics by their names, learning_rate, seconds and rows_per_second.
///
/// `fit` opens the file before it trains, and begins it anew with the first row, or with `append` goes on after the last whole one. A run
/// that `checkpoints` resumes goes on after the row of the checkpoint's epoch, so that each epoch has one row. Throws `io_error`, which
/// names the file, if it cannot be opened or written, and `argument_error` if a file to append to has other columns.
///
///     trainer.fit(train, {.epochs = 200, .validation = &validation}, fovea::csv_log{"training.csv"});
///     fovea::csv_log{.path = "training.csv", .append = true}
struct csv_log {
  static constexpr bool on_first_rank_only = true;
  std::filesystem::path path;
  bool append = false;
  std::string header = "";  // of the first row, which fixes the columns
  detail::log_file file = {};

  void validate(std::vector<std::string> const& names) const {
    if (append) check_existing(line_of(detail::log_columns(names)));
  }
  template <class Trainer> void on_begin(Trainer&) {
    header.clear();
    file.open(path, append);
  }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer&) {
    auto const columns = line_of(detail::log_columns(r.names()));
    if (header.empty()) {
      if (file.begin()) file.write_line(columns);
      else check_existing(columns);
      header = columns;
    }
    if (header != columns) throw argument_error(path.string() + ": the columns were " + header + ", got " + columns);
    file.write_line(line_of(detail::log_numbers(r)));
  }
  template <class Visit> void for_each_state(Visit&& visit) { file.for_each_state(visit); }

 private:
  void check_existing(std::string const& expected) const {
    auto const text = detail::existing_log(path);
    auto const end = text.find('\n');
    auto const found = text.substr(0, end);
    if (end == std::string::npos ? expected.starts_with(found) : found == expected) return;  // half a header is one
    throw argument_error(path.string() + ": cannot append, its columns are " + found + ", not " + expected);
  }
  static std::string line_of(std::vector<std::string> const& fields) {
    std::string line;
    for (auto const& field : fields) line += (&field == fields.data() ? "" : ",") + quoted(field);
    return line;
  }
  static std::string quoted(std::string const& field) {
    if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
    std::string text = "\"";
    for (char const c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + '"';
  }
};

}  // namespace fovea
