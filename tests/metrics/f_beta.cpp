// SPDX-License-Identifier: MIT
#include <limits>

#include <fovea/metrics/f_beta.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"

TEST_CASE("f_beta matches scikit-learn's fbeta_score, with 0 for 0 / 0") {
  for (auto const& rates : sklearn::all_rates) {
    CAPTURE(rates.counts.true_negative, rates.counts.false_positive, rates.counts.false_negative,
            rates.counts.true_positive);
    CHECK(fovea::f_beta(rates.counts, 0.5) == rates.f_half);
    CHECK(fovea::f_beta(rates.counts, 1) == rates.f1);
    CHECK(fovea::f_beta(rates.counts, 2) == rates.f2);
    CHECK(fovea::f_beta(rates.counts, 0) == rates.precision);
  }
}

TEST_CASE("f_beta rejects a beta outside its domain") {
  CHECK_THROWS_WITH(fovea::f_beta({1, 1, 1, 1}, -1), "f_beta: beta must be finite and not negative, got -1");
  CHECK_THROWS_AS(fovea::f_beta({}, std::numeric_limits<double>::quiet_NaN()), fovea::argument_error);
  CHECK_THROWS_AS(fovea::f_beta({}, std::numeric_limits<double>::infinity()), fovea::argument_error);
}

TEST_CASE("f_beta of a huge beta is the recall, of a tiny one the precision") {
  fovea::confusion_counts const c{90, 3, 4, 12};
  for (double const beta : {1e51, 1e154, 1e155, 1e200, 1.7e308}) CHECK(fovea::f_beta(c, beta) == Approx(12. / 16));
  for (double const beta : {1e-60, 1e-300, 0.}) CHECK(fovea::f_beta(c, beta) == Approx(12. / 15));
}
