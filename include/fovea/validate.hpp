// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <fovea/error.hpp>

namespace fovea {

/// Calls `validate()` where there is one.
template <class Options> constexpr void validate(Options const& options) {
  if constexpr (requires { options.validate(); }) options.validate();
}

/// Throws `argument_error` unless it holds.
inline void require(bool holds, char const* sentence, double found) {
  if (!holds) throw argument_error(std::string(sentence) + ", got " + std::to_string(found));
}

}  // namespace fovea
