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

/// The table in a CSV text: a header row of names, then rows of numbers; see `read_csv`.
/// Errors name the file as `file_name`.
inline table parse_csv(std::string_view text, std::string file_name, csv_options options = {}) {
  options.validate();
  return csv_reader({text, std::move(file_name), options}).read();
}

/// Reads a CSV file: a header row of names, then rows of numbers, "nan" and "inf" among them.
/// Fields may be quoted. Spaces around them, CRLF line ends, a byte order mark and blank lines at the end are no part
/// of them. A file with a header alone is a table without rows. Throws `parse_error` with line and column where a name
/// is missing or comes twice, a field is no number that a double can hold, a row has too few or too many fields or a
/// quote is not closed; `io_error` when the file cannot be read.
inline table read_csv(std::filesystem::path const& file, csv_options options = {}) {
  options.validate();
  return parse_csv(read_text(file), file.string(), options);
}

}  // namespace fovea
