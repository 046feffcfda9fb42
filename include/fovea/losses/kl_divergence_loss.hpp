// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

/// target (log(target) - prediction), where predictions are log probabilities and targets probabilities, or, with `log_target`,
/// their logarithms: PyTorch's KLDivLoss. Its sum over a row is the Kullback-Leibler divergence; PyTorch's "batchmean" is
/// `reduction::sum` over the number of rows.
///
///     float const sum = fovea::value(fovea::kl_divergence_loss{}, log_probabilities, targets, fovea::reduction::sum);
struct kl_divergence_loss {
  bool log_target = false;

  template <real X, real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    Y const share = log_target ? math::exp(y) : y;
    return math::select(share == Y(0), X(Y(0)), share * ((log_target ? y : math::log(y)) - x));
  }
};
static_assert(elementwise_loss<kl_divergence_loss>);

}  // namespace fovea
