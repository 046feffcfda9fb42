// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <string>
#include <vector>

#include <fovea/error.hpp>

#include "../catch.hpp"
#include "drawn.hpp"

/// Holds `metric(scores, targets)` against the member of every ranking of make_sklearn.py, to 1e-14.
template <class Metric>
void check_rankings(Metric metric, double sklearn::ranking::* small, double sklearn::drawn_ranking::* large) {
  auto const agrees = [](double value) { return Catch::Matchers::WithinAbs(value, 1e-14); };
  for (auto const& ranking : sklearn::rankings) {
    CAPTURE(ranking.scores.size());
    CHECK_THAT(metric(ranking.scores, ranking.targets), agrees(ranking.*small));
  }
  for (auto const& ranking : sklearn::drawn_rankings) {
    CAPTURE(ranking.rows, ranking.levels, ranking.single);
    if (ranking.single) {
      auto const [scores, targets] = drawn<float>(ranking);
      CHECK_THAT(metric(scores, targets), agrees(ranking.*large));
    } else {
      auto const [scores, targets] = drawn<double>(ranking);
      CHECK_THAT(metric(scores, targets), agrees(ranking.*large));
    }
  }
}

/// What every metric of probabilities and targets refuses, in its own name.
template <class Metric> void check_refusals(Metric metric, std::string const& name) {
  using Catch::Matchers::Equals;
  using numbers = std::vector<double>;
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  auto const message = [&](auto kind, numbers const& probabilities, numbers const& targets) -> std::string {
    try {
      metric(probabilities, targets);
    } catch (decltype(kind) const& thrown) {
      return thrown.what();
    }
    return "nothing thrown";
  };
  CHECK_THAT(message(fovea::shape_error(""), {0.5, 0.25, 1}, {1, 0}),
             Equals(name + ": 3 probabilities, but 2 targets"));
  CHECK_THAT(message(fovea::shape_error(""), {}, {1, 0}), Equals(name + ": 0 probabilities, but 2 targets"));
  CHECK_THAT(message(fovea::argument_error(""), {0.5, 0.25}, {1, 0.5}),
             Equals(name + ": target 1 is 0.500000, must be 0 or 1"));
  CHECK_THAT(message(fovea::argument_error(""), {0.5, 0.25}, {-1, 1}),
             Equals(name + ": target 0 is -1.000000, must be 0 or 1"));
  CHECK_THAT(message(fovea::argument_error(""), {0.5, 0.25}, {1, nan}),
             Equals(name + ": target 1 is nan, must be 0 or 1"));
  CHECK_THAT(message(fovea::numeric_error(""), {0.5, nan}, {1, 0}), Equals(name + ": probability 1 is nan"));
}
