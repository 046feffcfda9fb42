// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace fovea {

namespace detail {
/// Returns the text with control characters, which names from files may hold, as "\\x1b": a message is one line.
inline std::string escaped(std::string const& text) {
  std::string result;
  for (char const c : text) {
    auto const code = static_cast<unsigned char>(c);
    if (code >= 0x20 && code != 0x7F) result += c;
    else result += {'\\', 'x', "0123456789abcdef"[code >> 4], "0123456789abcdef"[code & 15]};
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
