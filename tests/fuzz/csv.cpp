// SPDX-License-Identifier: MIT
// Any text is a table, whose columns have one length, or a parse_error at a place in the text.
#include <fovea/data/csv.hpp>

#include "file_of.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(bytes), size);
  try {
    auto const table = fovea::parse_csv(text, "input");
    hold(!table.names.empty() && table.names.size() == table.columns.size());
    for (auto const& column : table.columns) hold(column.size() == table.rows());
    for (auto const& name : table.names) hold(!name.empty() && table.column(name).size() == table.rows());
  } catch (fovea::parse_error const& e) {
    hold(e.line >= 1 && e.line <= size + 1 && e.column >= 1 && e.column <= size + 1);
  }
  return 0;
}
