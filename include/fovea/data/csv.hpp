// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <fovea/data/csv_reader.hpp>
#include <fovea/data/table.hpp>
#include <fovea/text/read_text.hpp>

namespace fovea {

/// Returns the table in a CSV text, like `read_csv`; errors give the file's name as `file_name`.
///
///     table const rows = parse_csv("a;b\n1;2\n3;4\n", "inline", {.separator = ';'});
inline table parse_csv(std::string_view text, std::string file_name, csv_options const& options = {}) {
  options.validate();
  return csv_reader({text, std::move(file_name), options}, options).read();
}

/// Returns the table in a CSV file: a header row of column names, then rows of numbers, including "nan" and "inf", and of text where
/// the options say so. Fields may be quoted. Spaces and tabs around fields, CRLF line ends, a UTF-8 byte order mark and blank lines
/// at the end are ignored. A file with only a header gives a table without rows.
/// Throws `parse_error`, with line and column, if a name is empty or repeated, the header lacks a column of the options, a field is
/// not a number or is too large for a double (one that is too small is 0), a row has too few or too many fields, a line between rows is blank or a quote is not closed;
/// `io_error` if the file cannot be read; `argument_error` if an option is invalid.
///
///     table const rows = read_csv("creditcard.csv");
///     std::span<double const> const amounts = rows.column("Amount");
///     table const large = read_csv("creditcard.csv", {.threads = 4});  // the same table, sooner
///     table const people = read_csv("people.csv", {.text = {"city"}, .missing = {"", "NA"}});
inline table read_csv(std::filesystem::path const& file, csv_options const& options = {}) {
  options.validate();
  return parse_csv(file_text(file, options.threads), file.string(), options);
}

}  // namespace fovea
