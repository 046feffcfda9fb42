// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/text/read_text.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/training/reports.hpp>

/// What `csv_log` and `json_lines_log` share: the columns and the file.
namespace fovea::detail {

/// Returns the columns of a log whose reports have numbers of these names.
inline std::vector<std::string> log_columns(std::vector<std::string> const& names) {
  std::vector<std::string> all{"epoch"};
  all.insert(all.end(), names.begin(), names.end());
  all.insert(all.end(), {"learning_rate", "seconds", "rows_per_second"});
  return all;
}
/// Returns the numbers of these columns, as shortest decimals that read back as the same double.
inline std::vector<std::string> log_numbers(epoch_report const& r) {
  std::vector<std::string> all{std::to_string(r.epoch)};
  for (auto const& name : r.names()) all.push_back(detail::to_shortest(r.value(name)));
  for (double const number : {r.learning_rate, r.seconds, r.rows_per_second()})
    all.push_back(detail::to_shortest(number));
  return all;
}

/// Returns what an earlier run has left of a log, or nothing if the file does not exist. Throws `io_error` if it cannot be read.
inline std::string existing_log(std::filesystem::path const& path) {
  std::error_code none;
  return std::filesystem::exists(path, none) ? read_text(path) : std::string();
}

/// A file of lines, each written and flushed at once. Errors are `io_error` and name the file.
class log_file {
 public:
  /// Begins the file anew, or goes on after its last whole line: a process that was killed may have written half of one.
  void open(std::filesystem::path const& path, bool append) {
    name_ = path.string();
    std::string const before = append ? detail::existing_log(path) : std::string();
    auto const whole = before.rfind('\n') + 1;  // 0 if there is none
    empty_ = whole == 0;
    std::error_code failed;
    if (whole != before.size()) std::filesystem::resize_file(path, whole, failed);
    if (failed) throw io_error(name_ + ": cannot remove its last, incomplete line: " + failed.message());
    errno = 0;
    file_ = std::ofstream(path, std::ios::binary | (append ? std::ios::app : std::ios::trunc));
    if (!file_) throw io_error(name_ + ": cannot open: " + std::generic_category().message(errno));
  }
  bool empty() const { return empty_; }
  void write_line(std::string const& line) {
    errno = 0;
    file_ << line << '\n' << std::flush;
    if (!file_) throw io_error(name_ + ": writing failed: " + std::generic_category().message(errno));
    empty_ = false;
  }

 private:
  std::ofstream file_;
  std::string name_;
  bool empty_ = true;
};

}  // namespace fovea::detail
