// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fovea {

namespace detail {
/// Returns the bytes of the printable character that a text in UTF-8 begins with. 0 for a control character, such as those that end a
/// line or turn its direction, and for what is no UTF-8.
constexpr std::size_t printable_bytes(std::string_view text) {
  auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  auto const first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  if (first < 0xC2 || first > 0xF4) return 0;
  std::size_t const length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  auto code = first & (0x7FU >> length);
  for (std::size_t i = 1; i != length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3FU);
  }
  auto const smallest = length == 2 ? 0xA0U : length == 3 ? 0x800U : 0x10000U;
  bool const turns = (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) || turns ? 0 : length;
}
/// Returns the text with what is not printable, which names from files may hold, as "\\x1b": a message is one line.
inline std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto const printable = detail::printable_bytes(text);
    if (auto const code = static_cast<unsigned char>(text[0]); printable == 0)
      result += {'\\', 'x', "0123456789abcdef"[code >> 4], "0123456789abcdef"[code & 15]};
    else result += text.substr(0, printable);
    text.remove_prefix(printable == 0 ? 1 : printable);
  }
  return result;
}
}  // namespace detail

/// The base of every exception that fovea throws, always on the host. Shapes and arguments are checked before any result
/// is written. A message is one line; control characters in it are escaped.
struct error : std::runtime_error {
  explicit error(std::string const& message) : std::runtime_error(detail::escaped(message)) {}
};

/// Thrown if two shapes that must agree differ; the message names both.
struct shape_error : error {
  using error::error;
};

/// Thrown for a hyper-parameter or argument outside its domain; the message names it and its domain.
struct argument_error : error {
  using error::error;
};

/// Thrown for data without a valid result: no rows, values that are not finite, targets that are all of one class.
struct numeric_error : error {
  using error::error;
};

/// Thrown if a device, its driver or one of its libraries fails; the message names the call and quotes the driver.
struct device_error : error {
  using error::error;
};

/// Thrown for a file that cannot be read or written.
struct io_error : error {
  using error::error;
};

/// Thrown for a malformed file. `what()` begins with `file:line:column: `; lines and columns count from 1.
struct parse_error : error {
  parse_error(std::string const& file_name, std::size_t at_line, std::size_t at_column, std::string const& message)
      : error(file_name + ":" + std::to_string(at_line) + ":" + std::to_string(at_column) + ": " + message),
        file(file_name), line(at_line), column(at_column) {}
  std::string file;
  std::size_t line, column;
};

}  // namespace fovea
