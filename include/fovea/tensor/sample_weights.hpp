// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// One weight per row, of shape (N) or (N, 1): a tensor for a loss of N rows, also any contiguous range for a metric. Refers to
/// the weights, which must outlive it.
///
///     double const score = brier_score(probabilities, targets, sample_weights(w));
template <class W>
  requires(tensor<W> || number_range<W>)
struct sample_weights {
  explicit sample_weights(W const& w) : tensor(w) {}
  W const& tensor;
};

}  // namespace fovea
