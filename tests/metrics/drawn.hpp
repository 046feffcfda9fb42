// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "../fixtures/sklearn.hpp"

/// Draws the scores and targets of a `drawn_ranking` like make_sklearn.py.
template <class T> std::pair<std::vector<T>, std::vector<T>> drawn(sklearn::drawn_ranking const& ranking) {
  auto state = ranking.seed;
  auto const draw = [&state] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  };
  std::vector<T> scores, targets;
  for (std::size_t i = 0; i < ranking.rows; ++i) {
    auto const positive = draw() % 1000 < ranking.positives_in_1000;
    auto const first = draw() % ranking.levels, second = draw() % ranking.levels;
    auto const level = static_cast<double>(positive ? std::max(first, second) : first);
    scores.push_back(static_cast<T>(0.5 + (level / static_cast<double>(ranking.levels) - 0.5) * ranking.width));
    targets.push_back(positive);
  }
  return {scores, targets};
}
