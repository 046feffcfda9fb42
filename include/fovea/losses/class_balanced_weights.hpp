// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Returns the weight of each class by the effective number of its samples, (1 - beta^n) / (1 - beta) for n of them; the weights add
/// up to the number of classes. Cui et al., "Class-balanced loss based on effective number of samples" (2019). Throws
/// `argument_error` for a beta outside [0, 1) and for a class without samples.
///
///     std::vector<double> const w = fovea::class_balanced_weights({900, 90, 10});
///     fovea::softmax_cross_entropy const loss{.weight = fovea::class_weights(w)};
inline std::vector<double> class_balanced_weights(std::vector<std::size_t> const& samples, double beta = 0.9999) {
  require(beta >= 0 && beta < 1, "class_balanced_weights: beta must be in [0, 1)", beta);
  std::vector<double> weights;
  double sum = 0;
  for (std::size_t const n : samples) {
    require(n > 0, "class_balanced_weights: every class needs samples; class", static_cast<double>(weights.size()));
    double const reciprocal = (1 - beta) / -std::expm1(static_cast<double>(n) * std::log(beta));
    weights.push_back(reciprocal);
    sum += reciprocal;
  }
  for (double& w : weights) w *= static_cast<double>(weights.size()) / sum;
  return weights;
}

}  // namespace fovea
