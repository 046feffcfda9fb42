// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <vector>

#include <fovea/metrics/log_loss.hpp>

#include "ranking.hpp"

using Catch::Matchers::WithinAbs;
using fovea::log_loss;

TEST_CASE("log_loss matches scikit-learn, which computes floats in float") {
  check_rankings([](auto const& p, auto const& y) { return log_loss(p, y); }, &sklearn::ranking::log_loss,
                 &sklearn::drawn_ranking::log_loss, 2e-6);
}

TEST_CASE("log_loss clips at the epsilon of the probabilities' type") {
  auto const greatest = [](auto type) { return -std::log(double{std::numeric_limits<decltype(type)>::epsilon()}); };
  std::vector const right{0, 1}, wrong{1, 0};
  CHECK_THAT(log_loss(std::vector{0., 1.}, wrong), WithinAbs(greatest(0.), 1e-14));
  CHECK_THAT(log_loss(std::vector{0.f, 1.f}, wrong), WithinAbs(greatest(0.f), 1e-14));
  CHECK_THAT(log_loss(std::vector{0, 1}, wrong), WithinAbs(greatest(0.), 1e-14));
  CHECK_THAT(log_loss(std::vector{0., 1.}, right), WithinAbs(std::numeric_limits<double>::epsilon(), 1e-30));
  CHECK_THAT(log_loss(std::vector{0.5f}, std::vector{1.}), WithinAbs(std::log(2.), 1e-15));  // a single class is valid
}

TEST_CASE("log_loss rejects invalid inputs") {
  check_probability_refusals([](auto const& p, auto const& y) { return log_loss(p, y); }, "log_loss");
}
