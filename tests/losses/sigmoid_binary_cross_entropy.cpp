// SPDX-License-Identifier: MIT
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>

#include "evaluated.hpp"

using accuracy::exact;
using accuracy::sigmoid;
using accuracy::softplus;
using fovea::sigmoid_binary_cross_entropy;

namespace {

/// Sets a scale to infinity, so that any result passes, where the result is normal only because of pos_weight.
template <class T> truth cross_entropy(exact z, exact y, exact pos_weight) {
  exact const p = sigmoid(z), q = sigmoid(-z), positive = pos_weight * y, negative = 1 - y;
  truth t{negative * softplus(z) + positive * softplus(-z), negative * p - positive * q, (negative + positive) * p * q};
  t.slope_scale = negative * p + positive * q;  // the two terms of a soft target cancel at the minimum
  exact const unasked = std::numeric_limits<exact>::infinity(),
              least = std::max(1.L, pos_weight) * std::numeric_limits<T>::min();
  for (auto* scale : {&t.value_scale, &t.slope_scale, &t.curvature_scale})
    if (*scale < least) *scale = unasked;
  return t;
}

/// The logits whose loss with this weight does not overflow T.
template <class T> std::vector<T> logits_for(double pos_weight) {
  auto all = accuracy::every_logit<T>();
  std::erase_if(all, [=](T z) { return std::fabs(z) > std::numeric_limits<T>::max() / T(std::max(1., pos_weight)); });
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("sigmoid_binary_cross_entropy is accurate", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  for (double pos_weight : {1., 3., 599., 0.5, 0.}) {
    auto const logits = logits_for<T>(pos_weight);
    for (double y : {0., 1e-30, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1.}) {
      auto const target = static_cast<T>(y);
      evaluated const found(TestType{}, sigmoid_binary_cross_entropy{pos_weight}, logits, target);
      CHECK(found.not_finite() == 0);
      errors worst;
      worst.see(found, logits, 1e30L, [&](exact z) { return cross_entropy<T>(z, target, pos_weight); });
      CAPTURE(pos_weight, y, worst.value.where(), worst.slope.where(), worst.curvature.where());
      CHECK(worst.value.error() <= accuracy::promised<T>);
      CHECK(worst.slope.error() <= accuracy::promised<T>);
      CHECK(worst.curvature.error() <= accuracy::promised<T>);
    }
  }
}

TEMPLATE_TEST_CASE("sigmoid_binary_cross_entropy propagates NaN", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  T const nan = std::numeric_limits<T>::quiet_NaN();
  for (T y : {T(0), T(0.5), T(1)})
    CHECK(evaluated(TestType{}, sigmoid_binary_cross_entropy{}, std::vector<T>(3, nan), y).not_finite() == 9);
  CHECK(evaluated(TestType{}, sigmoid_binary_cross_entropy{}, std::vector<T>(3, T(1)), nan).not_finite() == 9);
}

TEMPLATE_TEST_CASE("sigmoid_binary_cross_entropy matches PyTorch on its logits and targets", "",
                   fovea::host_backend<double>, fovea::xtensor_backend<double>) {
  auto const logits = fixture("logits"), targets = fixture("targets");
  auto const pos_weights = fixture("binary_cross_entropy_with_logits_pos_weights");
  for (std::size_t i = 0; i != pos_weights.size(); ++i) {
    evaluated const found(TestType{}, sigmoid_binary_cross_entropy{pos_weights[i]}, logits, targets);
    auto const value =
        difference(found.values, fixture_row("binary_cross_entropy_with_logits_values", i, logits.size()));
    auto const slope =
        difference(found.slopes, fixture_row("binary_cross_entropy_with_logits_gradients", i, logits.size()));
    CAPTURE(pos_weights[i], value.where(), slope.where());
    CHECK(value.error() <= 1e-14);
    CHECK(slope.error() <= 1e-14);
  }
}
