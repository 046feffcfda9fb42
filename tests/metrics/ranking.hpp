// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/error.hpp>

#include "../catch.hpp"
#include "drawn.hpp"

/// Calls check(scores, targets, expected) for every ranking of make_sklearn.py; scores are floats or doubles as in the
/// script.
template <class Check> void for_each_ranking(Check const& check) {
  for (auto const& ranking : sklearn::rankings) {
    CAPTURE(ranking.scores, ranking.targets);
    check(ranking.scores, ranking.targets, ranking);
  }
  for (auto const& ranking : sklearn::drawn_rankings) {
    CAPTURE(ranking.rows, ranking.levels, ranking.single);
    if (ranking.single) {
      auto const [scores, targets] = drawn<float>(ranking);
      check(scores, targets, ranking);
    } else {
      auto const [scores, targets] = drawn<double>(ranking);
      check(scores, targets, ranking);
    }
  }
}

inline double member(sklearn::ranking const& r, double sklearn::ranking::*small, double sklearn::drawn_ranking::*) {
  return r.*small;
}
inline double member(sklearn::drawn_ranking const& r, double sklearn::ranking::*,
                     double sklearn::drawn_ranking::*large) {
  return r.*large;
}

/// Compares `metric(scores, targets)` with the member of every ranking, with tolerance 1e-14, or `float_tolerance` where
/// scikit-learn computes in float.
template <class Metric>
void check_rankings(Metric metric, double sklearn::ranking::*small, double sklearn::drawn_ranking::*large,
                    double float_tolerance = 1e-14) {
  for_each_ranking([&](auto const& scores, auto const& targets, auto const& expected) {
    auto const single = std::is_same_v<std::decay_t<decltype(scores[0])>, float>;
    CHECK_THAT(metric(scores, targets),
               Catch::Matchers::WithinAbs(member(expected, small, large), single ? float_tolerance : 1e-14));
  });
}

/// Checks the errors that every metric of probabilities and targets throws under its own name.
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
             Equals(name + ": target 1 is 0.5, must be 0 or 1"));
  CHECK_THAT(message(fovea::argument_error(""), {0.5, 0.25}, {-1, 1}),
             Equals(name + ": target 0 is -1, must be 0 or 1"));
  CHECK_THAT(message(fovea::argument_error(""), {0.5, 0.25}, {1, nan}),
             Equals(name + ": target 1 is nan, must be 0 or 1"));
  CHECK_THAT(message(fovea::numeric_error(""), {0.5, nan}, {1, 0}), Equals(name + ": probability 1 is nan"));

  numbers p{0.75, 0.25, 0.5, 0.125}, y{1, 0, 1, 0};
  using matrix = fovea::matrix_span<fovea::host_backend<double>, double>;
  matrix const p_column{p.data(), fovea::domain<>({4, 1})}, y_column{y.data(), fovea::domain<>({4, 1})};
  matrix const p_wide{p.data(), fovea::domain<>({2, 2})}, y_wide{y.data(), fovea::domain<>({2, 2})};
  CHECK_NOTHROW(metric(p_column, y_column));
  CHECK_THROWS_WITH(metric(p_wide, y_wide),
                    name + ": expected one number for each row, of shape (N) or (N, 1), got the shape (2, 2)");
}

/// Checks these errors and those of a metric that requires probabilities in [0, 1] and at least one row.
template <class Metric> void check_probability_refusals(Metric metric, std::string const& name) {
  check_refusals(metric, name);
  std::vector const targets{1, 0};
  CHECK_THROWS_WITH(metric(std::vector{1., 1.0000001}, targets),
                    name + ": probability 1 is 1.0000001, must be in [0, 1]");
  CHECK_THROWS_WITH(metric(std::vector{-0.25f, 1.f}, targets), name + ": probability 0 is -0.25, must be in [0, 1]");
  CHECK_THROWS_AS(metric(std::vector{2, 0}, targets), fovea::argument_error);
  CHECK_THROWS_WITH(metric(std::vector<float>{}, std::vector<int>{}), name + ": no rows");
}
