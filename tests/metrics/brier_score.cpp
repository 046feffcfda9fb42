// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/metrics/brier_score.hpp>

#include "ranking.hpp"

using fovea::brier_score;

TEST_CASE("brier_score matches scikit-learn's brier_score_loss, which computes floats in float") {
  check_rankings([](auto const& p, auto const& y) { return brier_score(p, y); }, &sklearn::ranking::brier_score,
                 &sklearn::drawn_ranking::brier_score, 1e-7);
}

TEST_CASE("brier_score is the mean squared difference") {
  CHECK(brier_score(std::vector{0.5, 1., 0.}, std::vector{1, 1, 1}) == 1.25 / 3);
  CHECK(brier_score(std::vector{0, 1}, std::vector{0.f, 1.f}) == 0);
}

TEST_CASE("brier_score rejects invalid inputs") {
  check_probability_refusals([](auto const& p, auto const& y) { return brier_score(p, y); }, "brier_score");
}
