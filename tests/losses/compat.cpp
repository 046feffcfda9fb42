// SPDX-License-Identifier: MIT
// The formulas that other libraries publish, in long double where these are accurate, beside the sets of choices.
#include <algorithm>
#include <cmath>

#include <fovea/losses/compat.hpp>

#include "../catch.hpp"

namespace {

using real = long double;

real sigmoid(real z) { return 1 / (1 + std::exp(-z)); }
/// Cross-entropy on logits, as torch.nn.functional.binary_cross_entropy_with_logits writes it.
real entropy(real z, real y) { return std::max(z, 0.0L) - z * y + std::log1p(std::exp(-std::abs(z))); }

/// Calls f(z, y) for logits at which no published formula loses digits, and hard and soft targets.
template <class F> void at_targets(F const& f) {
  for (double const z : {-6., -2.5, -0.7, 0., 0.3, 1.9, 5.})
    for (double const y : {0., 1., 0.25, 0.9}) f(z, y);
}
/// Compares a loss and its slope with a formula, whose slope is a central difference.
template <class L, class F> void is(char const* name, L const& loss, F const& formula, double z, double y) {
  INFO(name << " at " << z << ", target " << y);
  real const h = 1e-5L, slope = (formula(z + h, y) - formula(z - h, y)) / (2 * h);
  auto const d = loss(fovea::dual<double>{z, 1}, y);
  CHECK(d.value == Approx(static_cast<double>(formula(z, y))).epsilon(1e-12).margin(1e-14));
  CHECK(d.slope == Approx(static_cast<double>(slope)).epsilon(1e-7).margin(1e-9));
}

}  // namespace

TEST_CASE("compat has the numbers of other libraries") {
  namespace compat = fovea::compat;
  at_targets([](double z0, double y0) {
    auto const focal = [](real gamma, real alpha) {
      return [=](real z, real y) {
        real const p = sigmoid(z), hit = p * y + (1 - p) * (1 - y);
        real const weight = alpha < 0 ? 1 : alpha * y + (1 - alpha) * (1 - y);
        return weight * std::pow(1 - hit, gamma) * entropy(z, y);
      };
    };
    is("torchvision", compat::torchvision::sigmoid_focal_loss, focal(2, 0.25L), z0, y0);
    is("keras", compat::keras::binary_focal_crossentropy, focal(2, -1), z0, y0);
    is("mmdetection", compat::mmdetection::focal_loss, focal(2, 0.25L), z0, y0);
    is(
        "mmdetection's quality", compat::mmdetection::quality_focal_loss,
        [](real z, real y) { return std::pow(std::abs(sigmoid(z) - y), 2.0L) * entropy(z, y); }, z0, y0);
    is(
        "mmdetection's varifocal", compat::mmdetection::varifocal_loss,
        [](real z, real y) {
          real const weight = y > 0 ? y : 0.75L * std::pow(std::abs(sigmoid(z) - y), 2.0L);
          return weight * entropy(z, y);
        },
        z0, y0);
    if (y0 == 0 || y0 == 1) {  // dlib's labels are signs
      auto const multibinary = [](real gamma) {
        return [=](real z, real y) {
          real const s = y > 0 ? z : -z;
          return std::pow(1 - sigmoid(s), gamma) * std::log1p(std::exp(-s));
        };
      };
      is("dlib", compat::dlib::multibinary_log, multibinary(0), z0, y0);
      auto focusing = compat::dlib::multibinary_log;
      focusing.gamma = 1.5;
      is("dlib, gamma", focusing, multibinary(1.5L), z0, y0);
    }
  });
}

TEST_CASE("compat's asymmetric loss is the paper's code: its weights are constants in the gradient") {
  auto const& loss = fovea::compat::asl::asymmetric_loss;
  at_targets([&](double z, double y) {
    if (y != 0 && y != 1) return;  // the code mixes the exponents of soft targets
    INFO(z << ", target " << y);
    real const p = sigmoid(z), lowered = std::min(1 - p + 0.05L, 1.0L);
    real const weight = y == 1 ? 1 - p : std::pow(1 - lowered, 4.0L), hit = y == 1 ? p : lowered;
    auto const d = loss(fovea::dual<double>{z, 1}, y);
    CHECK(d.value == Approx(static_cast<double>(-weight * std::log(hit))).epsilon(1e-12).margin(1e-14));
    real const slope = y == 1 ? -weight * (1 - p) : lowered == 1 ? 0.0L : weight * p * (1 - p) / lowered;
    CHECK(d.slope == Approx(static_cast<double>(slope)).epsilon(1e-12).margin(1e-14));
  });
}
