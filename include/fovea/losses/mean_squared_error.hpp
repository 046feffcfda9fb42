// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

/// (prediction - target)^2.
struct mean_squared_error {
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const { return (x - y) * (x - y); }
};
static_assert(elementwise_loss<mean_squared_error>);

}  // namespace fovea
