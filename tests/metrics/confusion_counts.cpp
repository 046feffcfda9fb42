// SPDX-License-Identifier: MIT
#include <fovea/metrics/confusion_counts.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"

TEST_CASE("accuracy, precision, recall and f1 match scikit-learn, with 0 for 0 / 0") {
  for (auto const& rates : sklearn::all_rates) {
    CAPTURE(rates.counts.true_negative, rates.counts.false_positive, rates.counts.false_negative,
            rates.counts.true_positive);
    CHECK(fovea::accuracy(rates.counts) == rates.accuracy);
    CHECK(fovea::precision(rates.counts) == rates.precision);
    CHECK(fovea::recall(rates.counts) == rates.recall);
    CHECK(fovea::f1(rates.counts) == rates.f1);
  }
  CHECK(fovea::accuracy({}) == 0);
}
