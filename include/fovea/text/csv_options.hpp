// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <fovea/error.hpp>

namespace fovea {

/// The options of `read_csv` and `parse_csv`.
struct csv_options {
  char separator = ',';

  /// Throws `argument_error` if the separator is a letter, a digit, a sign, a period, a quote, a line end or NUL.
  void validate() const {
    if (separator == '\0' || std::string_view("\"\r\n+-.").find(separator) != std::string_view::npos ||
        (separator >= '0' && separator <= '9') || ((separator | 0x20) >= 'a' && (separator | 0x20) <= 'z'))
      throw argument_error("csv_options: separator is code " + std::to_string(static_cast<unsigned char>(separator)) +
                           ", must be a character that is no part of a number, a quote or a line end");
  }
};

}  // namespace fovea
