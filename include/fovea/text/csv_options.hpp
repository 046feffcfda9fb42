// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/text/distinct_names.hpp>

namespace fovea {

/// The options of `read_csv` and `parse_csv`.
///
///     csv_options const german{.separator = ';', .decimal = ',', .comment = '#', .text = {"Stadt"}, .missing = {"", "NA"}};
struct csv_options {
  char separator = ',';
  char decimal = '.';             // or ',': of the numbers; digits are not grouped
  char comment = '\0';            // lines that begin with it, after spaces, are left out; '\0' for none
  bool skip_blank_lines = false;  // between rows; blank lines at the end are always left out

  std::vector<std::string> columns = {};    // the columns to read; all if empty
  std::vector<std::string> leave_out = {};  // columns not to read
  std::vector<std::string> text = {};       // columns of text; the others hold numbers
  std::vector<std::string> missing =
      {};                   // fields that are read as nan, such as "" and "NA"; none: each must be a number
  std::size_t threads = 1;  // the table, and an error with its place, does not depend on the number

  /// Throws `argument_error` if the separator is a letter, a digit, a sign, a period, a quote, a line end or NUL, if `decimal` is
  /// neither '.' nor ',' or is the separator, if `comment` can begin a field, if a list of columns names one twice, or if
  /// there are no threads.
  void validate() const {
    if (separator == '\0' || is_part_of_number(separator) || is_structure(separator))
      throw argument_error("csv_options: separator is code " + code(separator) +
                           ", must be a character that is no part of a number, a quote or a line end");
    if (decimal != '.' && decimal != ',')
      throw argument_error("csv_options: decimal is code " + code(decimal) + ", must be '.' or ','");
    if (decimal == separator) throw argument_error("csv_options: separator and decimal are both ','");
    if (comment != '\0' && (comment == separator || comment == ' ' || comment == '\t' || is_part_of_number(comment) ||
                            is_structure(comment)))
      throw argument_error("csv_options: comment is code " + code(comment) +
                           ", must be a character that begins no field");
    for (auto const* list : {&columns, &leave_out, &text}) detail::require_distinct("csv_options", *list);
    if (threads == 0) throw argument_error("csv_options: threads must be at least 1, got 0");
  }

 private:
  static std::string code(char c) { return std::to_string(static_cast<unsigned char>(c)); }
  static bool is_structure(char c) { return c == '"' || c == '\r' || c == '\n'; }
  static bool is_part_of_number(char c) {
    return std::string_view("+-.").find(c) != std::string_view::npos || (c >= '0' && c <= '9') ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  }
};

}  // namespace fovea
