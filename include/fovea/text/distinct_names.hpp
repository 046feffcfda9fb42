// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>
#include <string>

#include <fovea/error.hpp>

namespace fovea::detail {

/// Throws `argument_error`, which begins with `who`, if a name stands twice in a list of columns.
inline void require_distinct(std::string const& who, std::span<std::string const> names) {
  for (auto name = names.begin(); name != names.end(); ++name)
    if (std::find(names.begin(), name, *name) != name)
      throw argument_error(who + ": column \"" + *name + "\" is named twice");
}

}  // namespace fovea::detail
