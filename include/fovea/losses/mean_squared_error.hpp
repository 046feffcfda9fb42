// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

/// Squared error (prediction - target)^2: PyTorch's MSELoss. As for every loss, the reduction takes the mean.
///
///     float const mean = fovea::value(fovea::mean_squared_error{}, predictions, targets);
///     float const sum = fovea::value(fovea::mean_squared_error{}, predictions, targets, fovea::reduction::sum);
struct mean_squared_error {
  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const { return (x - y) * (x - y); }
};
static_assert(elementwise_loss<mean_squared_error>);

}  // namespace fovea
