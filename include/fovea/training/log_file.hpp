// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
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
  /// Opens the file, which stays as it is until `begin`. With `append`, its whole lines will stay, else none.
  void open(std::filesystem::path const& path, bool append) {
    path_ = path, begun_ = false;
    bytes_ = append ? whole_lines(detail::existing_log(path)) : 0;
    errno = 0;
    file_ = std::ofstream(path, std::ios::binary | std::ios::app);
    if (!file_) throw io_error(path_.string() + ": cannot open: " + std::generic_category().message(errno));
  }
  /// Before the first line, removes what this run did not write: other runs' lines, half a line of a process that was killed, and
  /// the lines after the checkpoint that a resumed run went on from. Returns true if no line is left.
  bool begin() {
    std::error_code failed;
    if (!std::exchange(begun_, true) && std::filesystem::is_regular_file(path_, failed)) {
      if (bytes_ != 0) bytes_ = whole_lines(detail::existing_log(path_).substr(0, bytes_));
      std::filesystem::resize_file(path_, bytes_, failed);
      if (failed) throw io_error(path_.string() + ": cannot remove its last lines: " + failed.message());
    }
    return bytes_ == 0;
  }
  void write_line(std::string const& line) {
    errno = 0;
    file_ << line << '\n' << std::flush;
    if (!file_) throw io_error(path_.string() + ": writing failed: " + std::generic_category().message(errno));
    bytes_ += line.size() + 1;
  }
  template <class Visit> void for_each_state(Visit&& visit) { visit("bytes", bytes_); }

 private:
  static std::size_t whole_lines(std::string const& text) { return text.rfind('\n') + 1; }  // 0 if there is none

  std::filesystem::path path_;
  std::ofstream file_;
  std::size_t bytes_ = 0;  // of the lines of this run, and of those before it that stay
  bool begun_ = false;
};

}  // namespace fovea::detail
