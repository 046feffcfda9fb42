// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/metrics/expected_calibration_error.hpp>

#include "ranking.hpp"

using fovea::expected_calibration_error;

TEST_CASE("expected_calibration_error matches scikit-learn's calibration_curve") {
  check_rankings([](auto const& p, auto const& y) { return expected_calibration_error(p, y, 10); },
                 &sklearn::ranking::calibration_error_10, &sklearn::drawn_ranking::calibration_error_10);
  check_rankings([](auto const& p, auto const& y) { return expected_calibration_error(p, y); },
                 &sklearn::ranking::calibration_error_15, &sklearn::drawn_ranking::calibration_error_15);
}

TEST_CASE("expected_calibration_error is 0 for calibrated bins") {
  std::vector const p{0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75};
  CHECK(expected_calibration_error(p, std::vector{0, 1, 0, 0, 1, 1, 0, 1}) == 0);
  CHECK(expected_calibration_error(p, std::vector{0, 0, 0, 0, 1, 1, 0, 1}) == 0.125);
  CHECK(expected_calibration_error(p, std::vector{0, 0, 0, 0, 1, 1, 0, 1}, 1) == 0.125);
}

TEST_CASE("expected_calibration_error rejects invalid inputs") {
  check_probability_refusals([](auto const& p, auto const& y) { return expected_calibration_error(p, y); },
                             "expected_calibration_error");
  CHECK_THROWS_WITH(expected_calibration_error(std::vector{0.5}, std::vector{1}, 0),
                    "expected_calibration_error: bins must be in [1, 1000000], got 0");
  CHECK_THROWS_AS(expected_calibration_error(std::vector{0.5}, std::vector{1}, std::size_t{1} << 60),
                  fovea::argument_error);
}
