// SPDX-License-Identifier: MIT
#include <span>
#include <string>
#include <vector>

#include <fovea/metrics/average_precision.hpp>

#include "ranking.hpp"

using fovea::average_precision;

TEST_CASE("average_precision matches scikit-learn, including ties and imbalance") {
  check_rankings([](auto const& p, auto const& y) { return average_precision(p, y); },
                 &sklearn::ranking::average_precision, &sklearn::drawn_ranking::average_precision);
}

TEST_CASE("average_precision of tied scores is their precision in any order") {
  std::vector const tied{0.5f, 0.5f, 0.5f, 0.5f};
  CHECK(average_precision(tied, std::vector{1, 0, 0, 0}) == 0.25);
  CHECK(average_precision(tied, std::vector{0, 0, 0, 1}) == 0.25);
  CHECK(average_precision(std::span(tied), std::vector{1., 1., 1., 1.}) == 1);
}

TEST_CASE("average_precision rejects invalid inputs") {
  check_refusals([](auto const& p, auto const& y) { return average_precision(p, y); }, "average_precision");
  CHECK_THROWS_WITH(average_precision(std::vector{0.1, 0.2}, std::vector{0, 0}),
                    "average_precision: all targets are 0, must have a positive one");
  CHECK_THROWS_WITH(average_precision(std::vector<float>{}, std::vector<int>{}),
                    "average_precision: no rows, must have a positive one");
  CHECK_THROWS_AS(average_precision(std::vector{0.1}, std::vector{0}), fovea::numeric_error);
}
