// SPDX-License-Identifier: MIT
// Compiled with -ffast-math: the checks of a metric's arguments hold all the same.
#include <limits>
#include <vector>

#include <fovea/metrics/average_precision.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/brier_score.hpp>
#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/class_confusion_matrix.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/f_beta.hpp>
#include <fovea/metrics/f_beta_threshold.hpp>
#include <fovea/metrics/log_loss.hpp>
#include <fovea/metrics/precision_recall_curve.hpp>
#include <fovea/metrics/roc_auc.hpp>
#include <fovea/metrics/roc_curve.hpp>
#include <fovea/metrics/top_k_accuracy.hpp>

#include "../catch.hpp"

#if !defined(__FAST_MATH__)
#error "tests/CMakeLists.txt compiles this test with -ffast-math"
#endif

TEMPLATE_TEST_CASE("metrics reject NaN under -ffast-math", "", float, double) {
  using T = TestType;
  std::vector<T> const p{T(0.2), std::numeric_limits<T>::quiet_NaN(), T(0.9)}, good{T(0.2), T(0.5), T(0.9)};
  std::vector<int> const y{0, 1, 1};
  CHECK_THROWS_AS(fovea::roc_auc(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::roc_curve(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::average_precision(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::precision_recall_curve(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::confusion_matrix(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::confusion_matrix(good, y, std::numeric_limits<double>::quiet_NaN()), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::log_loss(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::brier_score(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::calibration_curve(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::f_beta_threshold(p, y), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::f_beta({1, 1, 1, 1}, std::numeric_limits<double>::infinity()), fovea::argument_error);
  CHECK(fovea::roc_auc(good, y) == 1);

  CHECK_THROWS_AS(fovea::brier_score(good, y, fovea::sample_weights(p)), fovea::numeric_error);
  std::vector<T> const rows{T(0.25), T(0.75), T(0.5), std::numeric_limits<T>::quiet_NaN()};
  fovea::class_scores const scores(rows, 2);
  std::vector<int> const classes{0, 1};
  CHECK_THROWS_AS(fovea::class_confusion_matrix(scores, classes), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::class_confusion_matrix(p, y, 2), fovea::argument_error);
  CHECK_THROWS_AS(fovea::log_loss(scores, classes), fovea::numeric_error);
  CHECK_THROWS_AS(fovea::top_k_accuracy(scores, classes), fovea::numeric_error);
}
