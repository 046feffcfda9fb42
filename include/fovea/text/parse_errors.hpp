// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <fovea/error.hpp>

namespace fovea {

/// Throws `parse_error` for the byte at `offset` of a file's text. Counts the line and the column (in UTF-8 characters)
/// from the offset, so that readers need not count as they go.
[[noreturn]] inline void throw_parse_error(std::string const& file, std::string_view text, std::size_t offset,
                                           std::string const& message) {
  auto const before = text.substr(0, offset);
  auto const line = before.substr(before.rfind('\n') + 1);
  auto const begins_character = [](char c) { return (c & 0xC0) != 0x80; };
  throw parse_error(file, static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
                    static_cast<std::size_t>(std::ranges::count_if(line, begins_character)) + 1, message);
}

/// Returns text from a file in quotes, for one line of a message: cut to 40 bytes, with '?' for control characters.
inline std::string quoted(std::string text) {
  constexpr std::size_t max_bytes = 40;
  if (text.size() > max_bytes) {
    auto end = max_bytes;
    while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
    text.replace(end, text.npos, "...");
  }
  std::ranges::replace_if(
      text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, '?');
  return '"' + text + '"';
}

}  // namespace fovea
