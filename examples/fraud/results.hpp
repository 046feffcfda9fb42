// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fovea/metrics/confusion_counts.hpp>

namespace fraud {

/// The data of a run that only the plots need, all on the test split.
struct evidence {
  std::vector<double> steps, losses;  // the mean loss after some steps
  std::vector<float> probabilities, targets;
};

/// One training run and its metrics on the test split.
struct run {
  std::string mode, loss;
  std::uint64_t seed = 0;
  std::vector<double> losses;  // one per step
  fovea::confusion_counts confusion;
  double average_precision = 0, roc_auc = 0, seconds = 0;
  evidence kept;  // empty in most runs
};

/// Every run on one table.
struct results {
  std::string data;
  std::vector<run> runs;
};

}  // namespace fraud
