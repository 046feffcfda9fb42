// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <fovea/error.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Calls `options.validate()` if that member exists.
template <class Options> constexpr void validate(Options const& options) {
  if constexpr (requires { options.validate(); }) options.validate();
}

/// Throws `argument_error` unless `holds`; the message is the sentence and the value found.
///
///     fovea::require(momentum >= 0, "sgd: momentum must not be negative", momentum);
inline void require(bool holds, char const* sentence, double found) {
  if (!holds) throw argument_error(std::string(sentence) + ", got " + detail::to_shortest(found));
}

}  // namespace fovea
