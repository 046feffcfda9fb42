// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/metrics/calibration_curve.hpp>

#include "ranking.hpp"

using Catch::Matchers::WithinAbs;
using fovea::calibration_curve;

TEST_CASE("calibration_curve returns scikit-learn's bins and also the empty ones") {
  for_each_ranking([](auto const& scores, auto const& targets, auto const& expected) {
    auto const bins = calibration_curve(scores, targets, 10);
    REQUIRE(bins.size() == 10);
    std::size_t filled = 0, rows = 0;
    for (auto const& bin : bins) {
      rows += bin.rows;
      if (bin.rows == 0) {
        CHECK(bin.mean_probability == 0);
        continue;
      }
      REQUIRE(filled < expected.calibration_10.size());
      CHECK_THAT(bin.mean_probability, WithinAbs(expected.calibration_10[filled].mean_probability, 1e-14));
      CHECK_THAT(bin.positive_share, WithinAbs(expected.calibration_10[filled].positive_share, 1e-15));
      ++filled;
    }
    CHECK(filled == expected.calibration_10.size());
    CHECK(rows == scores.size());
  });
}

TEST_CASE("calibration_curve's bins include their upper edge, and the first bin both edges") {
  std::vector const p{0., 0.25, 0.5, 0.75, 1.};
  auto const bins = calibration_curve(p, std::vector{0, 1, 1, 0, 1}, 4);
  CHECK(bins[0].rows == 2);
  CHECK(bins[0].mean_probability == 0.125);
  CHECK(bins[0].positive_share == 0.5);
  CHECK(bins[1].rows == 1);
  CHECK(bins[3].rows == 1);
  CHECK(calibration_curve(p, std::vector{0, 1, 1, 0, 1}, 1)[0].mean_probability == 0.5);
}

TEST_CASE("calibration_curve rejects invalid inputs") {
  check_probability_refusals([](auto const& p, auto const& y) { return calibration_curve(p, y); }, "calibration_curve");
  CHECK_THROWS_WITH(calibration_curve(std::vector{0.5}, std::vector{1}, 0),
                    "calibration_curve: bins must be in [1, 1000000], got 0");
  CHECK_THROWS_AS(calibration_curve(std::vector{0.5}, std::vector{1}, std::size_t{1} << 60), fovea::argument_error);
}
