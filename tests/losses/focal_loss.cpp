// SPDX-License-Identifier: MIT
#include <fovea/losses/focal_loss.hpp>

#include "probabilities.hpp"

using accuracy::exact;
using fovea::focal_loss;

namespace {

double const gammas[] = {0, 0.1, 0.3, 0.5, 1, 1.5, 2, 4, 5};

/// (1 - exp(-b))^gamma b by the chain rule, with the clamped cross-entropy b.
template <class T> truth focal(exact p, exact y, exact gamma) {
  truth const inner = held_cross_entropy(p, y);
  exact const b = inner.value, hit = std::exp(-b), miss = -std::expm1(-b);
  exact const modulator = gamma == 0 ? 1 : std::pow(miss, gamma), ratio = b == 0 ? 1 : b / miss;
  truth t{modulator * b, modulator * (1 + gamma * hit * ratio) * inner.slope, 0};
  exact const unasked = std::numeric_limits<exact>::infinity();
  t.curvature_scale = unasked;
  if (modulator < std::numeric_limits<T>::min()) t.value_scale = t.slope_scale = unasked;
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE("focal_loss is accurate on all of [0, 1]", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  auto const p = accuracy::every_probability<T>();
  for (double gamma : gammas)
    for (double y : {0., 1e-30, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1.}) {
      auto const target = static_cast<T>(y);
      evaluated const found(TestType{}, focal_loss{gamma}, p, target);
      CHECK(found.not_finite() == 0);
      errors worst;
      worst.see(found, p, 1, [&](exact x) { return focal<T>(x, target, gamma); });
      CAPTURE(gamma, y, worst.value.where(), worst.slope.where());
      // for a soft target, the power amplifies the rounding error of the cross-entropy
      double const roundings = y == 0 || y == 1 ? 5 : 2 * (1 + gamma);
      CHECK(worst.value.error() <= roundings * std::numeric_limits<T>::epsilon());
      CHECK(worst.slope.error() <= std::max(roundings * std::numeric_limits<T>::epsilon(), accuracy::promised<T>));
    }
}

TEMPLATE_TEST_CASE("focal_loss's Hessian is the gradient's derivative", "", fovea::host_backend<double>,
                   fovea::xtensor_backend<double>) {
  std::vector<double> const p{1e-4, 0.01, 0.2, 0.5, 0.77, 0.99, 0.9999};
  for (double gamma : gammas)
    for (double y : {0., 0.3, 1.}) {
      evaluated const at(TestType{}, focal_loss{gamma}, p, y);
      for (std::size_t i = 0; i != p.size(); ++i) {
        double const h = 1e-3 * p[i] * (1 - p[i]);
        evaluated const around(TestType{}, focal_loss{gamma}, {p[i] - 2 * h, p[i] - h, p[i] + h, p[i] + 2 * h}, y);
        auto const& s = around.slopes;
        CAPTURE(gamma, y, p[i]);
        CHECK(at.curvatures[i] == Approx((s[0] - 8 * s[1] + 8 * s[2] - s[3]) / (12 * h)).epsilon(1e-7).margin(1e-7));
      }
    }
}

TEMPLATE_TEST_CASE("focal_loss propagates NaN", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  T const nan = std::numeric_limits<T>::quiet_NaN();
  for (double gamma : {0., 0.5, 2.}) {
    for (T y : {T(0), T(0.5), T(1)})
      CHECK(evaluated(TestType{}, focal_loss{gamma}, std::vector<T>(3, nan), y).not_finite() == 9);
    CHECK(evaluated(TestType{}, focal_loss{gamma}, std::vector<T>(3, T(0.5)), nan).not_finite() == 9);
  }
}

TEMPLATE_TEST_CASE("focal_loss matches PyTorch", "", fovea::host_backend<double>, fovea::xtensor_backend<double>) {
  auto const p = fixture("probabilities"), y = fixture("probability_targets"), all = fixture("focal_loss_gammas");
  for (std::size_t i = 0; i != all.size(); ++i) {
    auto const row = [&](char const* name) { return fixture_row(name, i, p.size()); };
    evaluated const found(TestType{}, focal_loss{all[i]}, p, y);
    auto const exact_values = difference(found.values, row("focal_loss_values"));
    auto const gradients = row("focal_loss_gradients"), torch_gradients = row("focal_loss_torch_gradients");
    auto const exact_slopes = difference(found.slopes, gradients, unheld{p, gradients});
    auto const slopes =
        difference(found.slopes, torch_gradients, [&](std::size_t k) { return !std::isnan(torch_gradients[k]); });
    auto const values = difference(found.values, row("focal_loss_torch_values"));
    CAPTURE(all[i], exact_values.where(), exact_slopes.where(), values.where(), slopes.where());
    CHECK(exact_values.error() <= 1e-14);
    CHECK(exact_slopes.error() <= 1e-14);
    CHECK(values.error() <= 1e-8);  // PyTorch computes 1 - exp(-bce), which cancels
    CHECK(slopes.error() <= 2e-5);  // the same cancellation, at 1e-12
  }
}
