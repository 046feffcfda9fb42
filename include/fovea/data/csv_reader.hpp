// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/text/csv_fields.hpp>

namespace fovea {

/// Reads CSV fields into a table; `read` may be called once. Call `read_csv` or `parse_csv` instead.
class csv_reader {
 public:
  csv_reader(csv_fields fields, csv_options options) : fields_(std::move(fields)), options_(std::move(options)) {}

  table read() {
    auto const text = fields_.rest();
    // A byte order mark, or a character of ASCII as two bytes.
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
        (text.size() > 1 && (text[0] == '\0' || text[1] == '\0')))
      fields_.fail(fields_.position(), "expected UTF-8, found UTF-16: save the file as UTF-8");
    auto const begin = fields_.position();
    while (skip_comment() || (options_.skip_blank_lines && skip_blank_line())) {
    }
    if (fields_.rest().find_first_not_of(" \t\r\n") == std::string_view::npos)
      fields_.fail(begin, "expected a header row, the file is empty");
    table result;
    header(result);
    auto const rows = max_rows(kinds_.size());
    for (auto& column : result.columns) column.reserve(rows);
    for (auto& column : result.texts) column.values.reserve(rows);
    while (rows_left()) row(result);
    return result;
  }

 private:
  enum class kind { numbers, text, left_out };

  void header(table& result) {
    auto const first = fields_.position();
    std::vector<std::string> names;
    std::unordered_set<std::string> known;
    do {
      auto const begin = fields_.position();
      auto name = fields_.content();
      if (name.empty()) fields_.fail(begin, "expected a column name, got an empty field");
      if (!known.insert(name).second) fields_.fail(begin, "expected a new column name, got " + quoted(name) + " again");
      names.push_back(std::move(name));
    } while (fields_.take_separator());
    for (auto const* chosen : {&options_.columns, &options_.leave_out, &options_.text})
      for (auto const& name : *chosen)
        if (!known.contains(name)) fields_.fail(first, "expected a column " + quoted(name) + ", the header has none");
    for (auto& name : names) {
      kinds_.push_back(kind_of(name));
      if (kinds_.back() == kind::numbers) {
        result.names.push_back(std::move(name));
        result.columns.emplace_back();
      } else if (kinds_.back() == kind::text) {
        result.texts.push_back({std::move(name), {}});
      }
    }
    if (result.names.empty() && result.texts.empty()) fields_.fail(first, "all columns are left out");
    fields_.take_line_end();
  }

  kind kind_of(std::string const& name) const {
    auto const in = [&](std::vector<std::string> const& all) {
      return std::find(all.begin(), all.end(), name) != all.end();
    };
    if (in(options_.leave_out) || (!options_.columns.empty() && !in(options_.columns))) return kind::left_out;
    return in(options_.text) ? kind::text : kind::numbers;
  }

  void row(table& result) {
    auto numbers = result.columns.begin();
    auto texts = result.texts.begin();
    for (std::size_t i = 0; i != kinds_.size(); ++i) {
      if (i != 0 && !fields_.take_separator()) fail_count(fields_.position(), kinds_.size(), i);
      if (kinds_[i] == kind::numbers) (numbers++)->push_back(fields_.number());
      else if (kinds_[i] == kind::text) (texts++)->values.push_back(fields_.content());
      else fields_.content();
    }
    auto const surplus = fields_.position() + 1;
    auto fields = kinds_.size();
    for (; fields_.take_separator(); ++fields) fields_.content();
    if (fields != kinds_.size()) fail_count(surplus, kinds_.size(), fields);
    fields_.take_line_end();
  }

  /// Skips comments and blank lines that may be skipped. Returns whether a row follows.
  bool rows_left() {
    while (skip_comment() || (options_.skip_blank_lines && skip_blank_line())) {
    }
    if (!at_blank_line()) return true;
    require_no_rows();
    return false;
  }
  /// True at the end of the text as well.
  bool at_blank_line() const {
    auto const rest = fields_.rest();
    std::size_t next = 0;
    for (; next != rest.size() && rest[next] != '\n'; ++next)
      if (rest[next] == options_.separator || (rest[next] != ' ' && rest[next] != '\t' && rest[next] != '\r'))
        return false;
    return true;
  }
  bool skip_blank_line() {
    if (fields_.rest().empty() || !at_blank_line()) return false;
    fields_.skip_line();
    return true;
  }
  bool skip_comment() {
    auto const rest = fields_.rest();
    auto const next = rest.find_first_not_of(options_.separator == '\t'  ? " "
                                             : options_.separator == ' ' ? "\t"
                                                                         : " \t");
    if (options_.comment == '\0' || next == rest.npos || rest[next] != options_.comment) return false;
    fields_.skip_line();
    return true;
  }
  /// Throws `parse_error` at the blank line here if a row follows it.
  void require_no_rows() {
    auto const blank = fields_.position();
    while (skip_comment() || skip_blank_line()) {
    }
    if (!fields_.rest().empty()) fields_.fail(blank, "expected a row of numbers, got a blank line");
  }

  /// An upper bound for reserving: the number of lines left, or of rows that fit in the bytes left if that is smaller.
  std::size_t max_rows(std::size_t columns) const {
    auto const rest = fields_.rest();
    std::size_t lines = 1;
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n', end + 1)) ++lines;
    return (std::min)(lines, rest.size() / (2 * columns) + 1);
  }

  [[noreturn]] void fail_count(char const* where, std::size_t wanted, std::size_t got) const {
    fields_.fail(where, "expected " + std::to_string(wanted) + (wanted == 1 ? " field" : " fields") + ", got " +
                            std::to_string(got));
  }

  csv_fields fields_;
  csv_options options_;
  std::vector<kind> kinds_;  // of the file's columns
};

}  // namespace fovea
