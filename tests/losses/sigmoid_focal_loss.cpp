// SPDX-License-Identifier: MIT
#include <fovea/losses/sigmoid_focal_loss.hpp>

#include "evaluated.hpp"

using accuracy::exact;
using accuracy::sigmoid;
using accuracy::softplus;
using fovea::sigmoid_focal_loss;

namespace {

double const gammas[] = {0, 0.1, 0.3, 0.5, 1, 1.5, 2, 2.5, 3.5, 4, 4.5, 5};
std::optional<double> const alphas[] = {std::nullopt, 0.25};

/// The closed form for hard targets, with each factor computed directly from the logit.
truth hard(exact z, bool positive, exact gamma, std::optional<double> alpha) {
  exact const sign = positive ? 1 : -1, s = sign * z;
  exact const a = !alpha ? 1 : positive ? exact{*alpha} : 1 - exact{*alpha};
  exact const l = softplus(-s), p = sigmoid(s), q = sigmoid(-s), w = a * std::exp(-gamma * softplus(s));
  truth t{w * l, -sign * w * (gamma * p * l + q), w * p * (gamma * l * (gamma * p - q) + (2 * gamma + 1) * q)};
  t.curvature_scale = w * p * (gamma * l * (gamma * p + q) + (2 * gamma + 1) * q);
  return t;
}

/// torchvision's soft targets: u^gamma c, where u = 1 - p_t is an arithmetic mixture. The scales are the sums of the terms'
/// absolute values; any result passes where u^gamma or, for the curvature, p q is not a normal number of T.
template <class T> truth soft(exact z, exact y, exact gamma, std::optional<double> alpha) {
  exact const a = !alpha ? 1 : *alpha * y + (1 - exact{*alpha}) * (1 - y);
  exact const p = sigmoid(z), q = sigmoid(-z), u = (1 - y) * p + y * q;
  exact const c = (1 - y) * softplus(z) + y * softplus(-z), dc = (1 - y) * p - y * q, ddc = p * q;
  exact const r = (1 - 2 * y) * p * q / u, ddr = r * (q - p), w = a * std::exp(gamma * std::log(u));
  truth t{w * c, w * (gamma * r * c + dc),
          w * ((gamma * (gamma - 1) * r * r + gamma * ddr) * c + 2 * gamma * r * dc + ddc)};
  t.slope_scale = w * (gamma * std::fabs(r) * c + (1 - y) * p + y * q);
  t.curvature_scale = w * ((gamma * std::fabs(gamma - 1) * r * r + gamma * std::fabs(r) * (q + p)) * c +
                           2 * gamma * std::fabs(r) * ((1 - y) * p + y * q) + ddc);
  exact const smallest = std::numeric_limits<T>::min(), unasked = std::numeric_limits<exact>::infinity();
  if (w < smallest) t.value_scale = t.slope_scale = unasked;
  if (w < smallest || p * q < smallest) t.curvature_scale = unasked;
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE("sigmoid_focal_loss is accurate for hard targets", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  auto const logits = accuracy::every_logit<T>();
  for (double gamma : gammas) {
    errors worst;
    for (auto alpha : alphas)
      for (bool y : {false, true}) {
        evaluated const found(TestType{}, sigmoid_focal_loss{gamma, alpha}, logits, y ? T(1) : T(0));
        CHECK(found.not_finite() == 0);
        worst.see(found, logits, 16, [&](exact z) { return hard(z, y, gamma, alpha); });
      }
    CAPTURE(gamma, worst.value.where(), worst.slope.where(), worst.curvature.where());
    CHECK(worst.value.error() <= accuracy::promised<T>);
    CHECK(worst.slope.error() <= accuracy::promised<T>);
    CHECK(worst.curvature.error() <= accuracy::promised<T>);
  }
}

// The rounding error of the modulator's logarithm, which is at most log(max), bounds the relative error.
template <class T>
double const soft_bound = std::log(std::numeric_limits<T>::max()) * std::numeric_limits<T>::epsilon();

TEMPLATE_TEST_CASE("sigmoid_focal_loss mixes soft targets like torchvision", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  auto const logits = accuracy::every_logit<T>();
  for (double gamma : gammas) {
    errors worst;
    for (double y : {1e-30, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6}) {
      auto const target = static_cast<T>(y);
      auto const alpha = y == 0.1 || y == 0.9 ? std::optional(0.25) : std::nullopt;
      evaluated const found(TestType{}, sigmoid_focal_loss{gamma, alpha}, logits, target);
      CHECK(found.not_finite() == 0);
      worst.see(found, logits, 1e30L, [&](exact z) { return soft<T>(z, target, gamma, alpha); });
    }
    CAPTURE(gamma, worst.value.where(), worst.slope.where(), worst.curvature.where());
    CHECK(worst.value.error() <= soft_bound<T>);
    CHECK(worst.slope.error() <= soft_bound<T>);
    CHECK(worst.curvature.error() <= soft_bound<T>);
  }
}

TEMPLATE_TEST_CASE("sigmoid_focal_loss does not depend on a neighbor's target", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  auto const logits = accuracy::spread<T>(-30, 30, 61);
  std::vector<T> mixed(logits.size());
  for (std::size_t i = 0; i != mixed.size(); ++i) mixed[i] = i % 3 == 0 ? T(1) : i % 3 == 1 ? T(0) : T(0.25);
  sigmoid_focal_loss const loss{1.5, 0.25};
  evaluated const together(TestType{}, loss, logits, mixed);
  std::size_t equal = 0;
  for (T y : {T(0), T(0.25), T(1)}) {
    evaluated const alone(TestType{}, loss, logits, y);
    for (std::size_t i = 0; i != mixed.size(); ++i)
      equal += mixed[i] == y && together.values[i] == alone.values[i] && together.slopes[i] == alone.slopes[i] &&
               together.curvatures[i] == alone.curvatures[i];
  }
  CHECK(equal == mixed.size());
}

TEMPLATE_TEST_CASE("sigmoid_focal_loss is finite for every valid gamma", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  auto const logits = accuracy::every_logit<T>();
  for (double gamma : {1e-300, 1e-10, 20., 1e4})
    for (T y : {T(0), T(1), std::numeric_limits<T>::min(), T(0.5), T(1) - std::numeric_limits<T>::epsilon() / 2}) {
      CAPTURE(gamma, y);
      CHECK(evaluated(TestType{}, sigmoid_focal_loss{gamma}, logits, y).not_finite() == 0);
    }
}

TEMPLATE_TEST_CASE("sigmoid_focal_loss propagates NaN from the logit and from the target", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  T const nan = std::numeric_limits<T>::quiet_NaN();
  for (double gamma : {0., 0.5, 2.}) {
    for (T y : {T(0), T(0.5), T(1)})
      CHECK(evaluated(TestType{}, sigmoid_focal_loss{gamma}, std::vector<T>(3, nan), y).not_finite() == 9);
    CHECK(evaluated(TestType{}, sigmoid_focal_loss{gamma}, std::vector<T>(3, T(1)), nan).not_finite() == 9);
  }
}

TEMPLATE_TEST_CASE("sigmoid_focal_loss matches PyTorch on its logits and targets", "", fovea::host_backend<double>,
                   fovea::xtensor_backend<double>) {
  auto const logits = fixture("logits"), targets = fixture("targets"),
             settings = fixture("sigmoid_focal_loss_settings");
  for (std::size_t i = 0; 2 * i != settings.size(); ++i) {
    auto const alpha = settings[2 * i], gamma = settings[2 * i + 1];
    sigmoid_focal_loss const loss{gamma, alpha < 0 ? std::nullopt : std::optional(alpha)};
    evaluated const found(TestType{}, loss, logits, targets);
    auto const value = difference(found.values, fixture_row("sigmoid_focal_loss_values", i, logits.size()));
    auto const slope = difference(found.slopes, fixture_row("sigmoid_focal_loss_gradients", i, logits.size()));
    CAPTURE(alpha, gamma, value.where(), slope.where());
    CHECK(value.error() <= 1e-13);
    CHECK(slope.error() <= 1e-13);
  }
}

TEST_CASE("torchvision's default is gamma 2, alpha 0.25") {
  auto const& torchvision = fovea::compat::torchvision::sigmoid_focal_loss;
  CHECK(torchvision.gamma == 2);
  CHECK(torchvision.alpha == 0.25);
  CHECK(!sigmoid_focal_loss{}.alpha);
}
