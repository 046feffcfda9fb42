// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace fovea {

/// What fovea throws. Every kind is thrown on the host, before any work starts.
struct error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Two shapes that must agree do not; the message names both.
struct shape_error : error {
  using error::error;
};

/// A hyper-parameter or argument outside its domain; the message names it and its domain.
struct argument_error : error {
  using error::error;
};

/// Numbers that cannot be computed with: not finite, or all of one class.
struct numeric_error : error {
  using error::error;
};

/// A device, its driver or one of its libraries refuses; the message names the call and gives the driver's text.
struct device_error : error {
  using error::error;
};

/// A file that cannot be read or written.
struct io_error : error {
  using error::error;
};

/// A file whose text is not what it should be. `what()` begins with `file:line:column: `; lines and columns count from 1.
struct parse_error : error {
  parse_error(std::string const& file_name, std::size_t at_line, std::size_t at_column, std::string const& message)
      : error(file_name + ":" + std::to_string(at_line) + ":" + std::to_string(at_column) + ": " + message),
        file(file_name), line(at_line), column(at_column) {}
  std::string file;
  std::size_t line, column;
};

}  // namespace fovea
