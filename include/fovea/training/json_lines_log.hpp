// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>

#include <fovea/error.hpp>
#include <fovea/training/log_file.hpp>
#include <fovea/training/reports.hpp>

namespace fovea {

/// Writes a JSON object for each epoch, one a line and flushed at once, with the same names and numbers as the columns of
/// `csv_log`; a number that is not finite is null. Opens, appends, resumes and throws as `csv_log` does; a file to append to must begin
/// with an object.
///
///     trainer.fit(train, {.epochs = 200, .validation = &validation}, fovea::json_lines_log{"training.jsonl"});
struct json_lines_log {
  static constexpr bool on_first_rank_only = true;
  std::filesystem::path path;
  bool append = false;
  detail::log_file file = {};

  void validate() const {
    auto const text = append ? detail::existing_log(path) : std::string();
    if (!text.empty() && text[0] != '{')
      throw argument_error(path.string() + ": cannot append, it does not begin with a JSON object");
  }
  template <class Trainer> void on_begin(Trainer&) { file.open(path, append); }
  template <class Trainer> void on_epoch(epoch_report const& r, Trainer&) {
    file.begin();
    auto const names = detail::log_columns(r.names()), numbers = detail::log_numbers(r);
    std::string line;
    for (std::size_t i = 0; i != names.size(); ++i) {
      bool const finite = numbers[i].find_first_of("in") == std::string::npos;  // neither inf nor nan
      line += (i == 0 ? "{" : ", ") + quoted(names[i]) + ": " + (finite ? numbers[i] : "null");
    }
    file.write_line(line + "}");
  }
  template <class Visit> void for_each_state(Visit&& visit) { file.for_each_state(visit); }

 private:
  static std::string quoted(std::string const& name) {
    std::string text = "\"";
    for (char const c : name) {
      char escape[8];
      if (c == '"' || c == '\\') text += {'\\', c};
      else if (static_cast<unsigned char>(c) < 0x20)
        text.append(escape, static_cast<std::size_t>(std::snprintf(escape, sizeof escape, "\\u%04x", c)));
      else text += c;
    }
    return text + '"';
  }
};

}  // namespace fovea
