// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
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

/// Calls `options.validate_in<T>()` if that member exists: what loses its meaning when it is rounded to T.
template <class T, class Options> constexpr void validate_in(Options const& options) {
  if constexpr (requires { options.template validate_in<T>(); }) options.template validate_in<T>();
}

namespace detail {

/// Throws `argument_error` for a number such as an epsilon that rounds to 0 in T, or to a denormal number, which slows each step; but
/// not for 0 itself.
template <class T> void require_in(char const* owner, char const* option, double value) {
  if (value == 0 || value >= double{(std::numeric_limits<T>::min)()}) return;
  throw argument_error(std::string(owner) + ": " + option +
                       " must not round to 0 or to a denormal number of the backend's type, got " +
                       detail::to_shortest(value));
}

}  // namespace detail

}  // namespace fovea
