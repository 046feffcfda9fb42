// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <string>

namespace fovea::detail {

/// Returns the shortest decimal that reads back as the same double, for messages.
inline std::string to_shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace fovea::detail
