// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fovea::detail {

/// A named part of a flat tensor of parameters: a matrix of so many rows, its units, or a vector of one unit.
struct parameter_range {
  std::string name;
  std::size_t begin, size, rows = 1;
};

/// The optimizers of the groups of parameters in an optimizer; one that has no groups is that of all parameters.
template <class O> struct grouping {
  static constexpr bool grouped = false;
  static constexpr std::size_t count = 1;
  template <std::size_t> static constexpr bool frozen = false;
  template <std::size_t> static constexpr O const& select(O const& rule) { return rule; }
  /// Returns the group of each parameter.
  static std::vector<std::size_t> assign(O const&, std::vector<parameter_range> const& all) {
    return std::vector<std::size_t>(all.size());
  }
};

}  // namespace fovea::detail
