// SPDX-License-Identifier: MIT
#include <vector>

#include <fovea/metrics/matthews_correlation.hpp>

#include "ranking.hpp"

using Catch::Matchers::WithinAbs;
using fovea::matthews_correlation;

TEST_CASE("matthews_correlation matches scikit-learn's matthews_corrcoef") {
  for (auto const& rates : sklearn::all_rates)
    CHECK_THAT(matthews_correlation(rates.counts), WithinAbs(rates.matthews, 1e-15));
  check_rankings([](auto const& p, auto const& y) { return matthews_correlation(p, y); },
                 &sklearn::ranking::matthews_correlation, &sklearn::drawn_ranking::matthews_correlation);
}

TEST_CASE("matthews_correlation is 1 if all predictions are right, -1 if all are wrong, 0 for one class") {
  CHECK(matthews_correlation({3, 0, 0, 4}) == 1);
  CHECK(matthews_correlation({0, 3, 4, 0}) == -1);
  CHECK(matthews_correlation({0, 3, 0, 4}) == 0);
  CHECK(matthews_correlation(fovea::confusion_counts{}) == 0);
  CHECK_THAT(matthews_correlation({4'000'000'000, 0, 0, 4'000'000'000}), WithinAbs(1, 1e-15));
}

TEST_CASE("matthews_correlation accepts a threshold like confusion_matrix") {
  std::vector const p{0.1f, 0.4f, 0.6f, 0.7f}, y{0.f, 1.f, 0.f, 1.f};
  CHECK(matthews_correlation(p, y, 0.7) == matthews_correlation({2, 0, 1, 1}));
  check_refusals([](auto const& ps, auto const& ys) { return matthews_correlation(ps, ys); }, "confusion_matrix");
}
