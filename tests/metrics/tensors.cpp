// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/fovea.hpp>

#include "../catch.hpp"

namespace {

std::vector const p{0.125f, 0.5f, 0.25f, 0.75f};
std::vector const y{0.f, 1.f, 1.f, 1.f};

/// Checks that the metric is the same for vectors, tensors (N) and (N, 1), spans and arrays.
template <class Metric> void check(Metric const& metric) {
  auto const expected = metric(p, y);
  fovea::host_tensor<float, 2> const p2{{4, 1}, p};
  fovea::host_tensor<double, 1> const y1{{4}, {y.begin(), y.end()}};
  CHECK(metric(p2, y1) == expected);
  CHECK(metric(std::span(p), y1) == expected);
  CHECK(metric(p2, std::array{0, 1, 1, 1}) == expected);
}

}  // namespace

TEST_CASE("metrics accept any numbers in host memory") {
  check([](auto const& a, auto const& b) { return fovea::average_precision(a, b); });
  check([](auto const& a, auto const& b) { return fovea::brier_score(a, b); });
  check([](auto const& a, auto const& b) { return fovea::calibration_curve(a, b, 4)[1].positive_share; });
  check([](auto const& a, auto const& b) { return fovea::confusion_matrix(a, b); });
  check([](auto const& a, auto const& b) { return fovea::cost_threshold(a, b, {.false_negative = 5}).threshold; });
  check([](auto const& a, auto const& b) { return fovea::expected_calibration_error(a, b); });
  check([](auto const& a, auto const& b) { return fovea::f_beta_threshold(a, b, 2).threshold; });
  check([](auto const& a, auto const& b) { return fovea::log_loss(a, b); });
  check([](auto const& a, auto const& b) { return fovea::matthews_correlation(a, b); });
  check([](auto const& a, auto const& b) { return fovea::precision_recall_curve(a, b); });
  check([](auto const& a, auto const& b) { return fovea::roc_auc(a, b); });
  check([](auto const& a, auto const& b) { return fovea::roc_curve(a, b); });
}
