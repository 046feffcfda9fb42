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
  explicit csv_reader(csv_fields fields) : fields_(std::move(fields)) {}

  table read() {
    auto const text = fields_.rest();
    // A byte order mark, or a character of ASCII as two bytes.
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
        (text.size() > 1 && (text[0] == '\0' || text[1] == '\0')))
      fields_.fail(fields_.position(), "expected UTF-8, found UTF-16: save the file as UTF-8");
    if (fields_.rest().find_first_not_of(blanks) == std::string_view::npos)
      fields_.fail(fields_.position(), "expected a header row, the file is empty");
    table result{header(), {}};
    result.columns.resize(result.names.size());
    auto const rows = max_rows(result.names.size());
    for (auto& column : result.columns) column.reserve(rows);
    while (!only_blank_lines_left()) row(result.columns);
    return result;
  }

 private:
  static constexpr std::string_view blanks = " \t\r\n";

  std::vector<std::string> header() {
    std::vector<std::string> names;
    std::unordered_set<std::string> known;
    do {
      auto const begin = fields_.position();
      auto name = fields_.content();
      if (name.empty()) fields_.fail(begin, "expected a column name, got an empty field");
      if (!known.insert(name).second) fields_.fail(begin, "expected a new column name, got " + quoted(name) + " again");
      names.push_back(std::move(name));
    } while (fields_.take_separator());
    fields_.take_line_end();
    return names;
  }

  void row(std::vector<std::vector<double>>& columns) {
    columns.front().push_back(fields_.number());
    for (std::size_t i = 1; i < columns.size(); ++i) {
      if (!fields_.take_separator()) fail_count(fields_.position(), columns.size(), i);
      columns[i].push_back(fields_.number());
    }
    auto const surplus = fields_.position() + 1;
    auto fields = columns.size();
    for (; fields_.take_separator(); ++fields) fields_.content();
    if (fields != columns.size()) fail_count(surplus, columns.size(), fields);
    fields_.take_line_end();
  }

  bool only_blank_lines_left() const {
    auto const rest = fields_.rest();
    if (!rest.empty() && blanks.find(rest.front()) == blanks.npos) return false;
    auto const next = rest.find_first_not_of(blanks);
    if (next != rest.npos && rest.find('\n') < next)
      fields_.fail(fields_.position(), "expected a row of numbers, got a blank line");
    return next == rest.npos;
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
};

}  // namespace fovea
