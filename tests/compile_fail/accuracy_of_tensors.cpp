// SPDX-License-Identifier: MIT
// expect: take counts: accuracy(confusion_matrix(probabilities, targets))
#include <vector>

#include <fovea/metrics/confusion_matrix.hpp>

double share(std::vector<float> const& probabilities, std::vector<int> const& targets) {
#ifdef MISUSE
  return fovea::accuracy(probabilities, targets);
#else
  return fovea::accuracy(fovea::confusion_matrix(probabilities, targets));
#endif
}
