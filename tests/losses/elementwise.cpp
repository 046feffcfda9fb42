// SPDX-License-Identifier: MIT
// Every loss of elements against PyTorch, or 400-bit arithmetic where PyTorch has none or a less accurate one.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/losses/absolute_losses.hpp>
#include <fovea/losses/asymmetric_loss.hpp>
#include <fovea/losses/class_balanced_weights.hpp>
#include <fovea/losses/deviance_losses.hpp>
#include <fovea/losses/kl_divergence_loss.hpp>
#include <fovea/losses/log_cosh_loss.hpp>
#include <fovea/losses/margin_losses.hpp>
#include <fovea/losses/quality_focal_loss.hpp>
#include <fovea/losses/relative_losses.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss_star.hpp>
#include <fovea/losses/sigmoid_poly_loss.hpp>

#include "../contract_fixture.hpp"
#include "evaluated.hpp"

namespace {

template <class L> struct named_loss {
  char const* fixture;
  L loss;
};
template <class L> named_loss(char const*, L) -> named_loss<L>;

// The first ones take logits, and targets in [0, 1].
constexpr std::tuple all_losses{
    named_loss{"exact/sigmoid_binary_cross_entropy_smoothed",
               fovea::sigmoid_binary_cross_entropy{.pos_weight = 3, .label_smoothing = 0.25}},
    named_loss{"exact/asymmetric_loss", fovea::asymmetric_loss{}},
    named_loss{"exact/asymmetric_loss_unclipped", fovea::asymmetric_loss{.gamma_neg = 2.75, .gamma_pos = 0, .clip = 0}},
    named_loss{"exact/asymmetric_loss_half", fovea::asymmetric_loss{.gamma_neg = 0.5, .gamma_pos = 0.5, .clip = 0.25}},
    named_loss{"exact/sigmoid_poly_loss", fovea::sigmoid_poly_loss{}},
    named_loss{"exact/quality_focal_loss", fovea::quality_focal_loss{}},
    named_loss{"exact/quality_focal_loss_2.75", fovea::quality_focal_loss{.beta = 2.75}},
    named_loss{"exact/varifocal_loss", fovea::varifocal_loss{}},
    named_loss{"exact/sigmoid_focal_loss_star", fovea::sigmoid_focal_loss_star{.gamma = 2, .alpha = 0.25}},
    named_loss{"torch/soft_margin_loss", fovea::soft_margin_loss{}},
    named_loss{"torch/l1_loss", fovea::l1_loss{}},
    named_loss{"torch/smooth_l1_loss", fovea::smooth_l1_loss{}},
    named_loss{"torch/smooth_l1_loss_2.5", fovea::smooth_l1_loss{.beta = 2.5}},
    named_loss{"torch/smooth_l1_loss_0", fovea::smooth_l1_loss{.beta = 0}},
    named_loss{"torch/huber_loss", fovea::huber_loss{}},
    named_loss{"torch/huber_loss_2.5", fovea::huber_loss{.delta = 2.5}},
    named_loss{"torch/poisson_nll_loss", fovea::poisson_nll_loss{}},
    named_loss{"torch/poisson_nll_loss_full", fovea::poisson_nll_loss{.full = true}},
    named_loss{"torch/poisson_nll_loss_mean", fovea::poisson_nll_loss{.log_input = false, .epsilon = 1e-3}},
    named_loss{"torch/kl_divergence_loss", fovea::kl_divergence_loss{}},
    named_loss{"torch/kl_divergence_loss_log", fovea::kl_divergence_loss{.log_target = true}},
    named_loss{"torch/hinge_embedding_loss", fovea::hinge_embedding_loss{.margin = 1.25}},
    named_loss{"torch/margin_ranking_loss", fovea::margin_ranking_loss{.margin = 0.5}},
    named_loss{"exact/log_cosh_loss", fovea::log_cosh_loss{}},
    named_loss{"exact/quantile_loss", fovea::quantile_loss{}},
    named_loss{"exact/quantile_loss_0.875", fovea::quantile_loss{.quantile = 0.875}},
    named_loss{"exact/mean_squared_log_error", fovea::mean_squared_log_error{}},
    named_loss{"exact/mape_loss", fovea::mape_loss{}},
    named_loss{"exact/smape_loss", fovea::smape_loss{}},
    named_loss{"exact/hinge_loss", fovea::hinge_loss{}},
    named_loss{"exact/squared_hinge_loss", fovea::squared_hinge_loss{}},
    named_loss{"exact/gamma_deviance_loss", fovea::gamma_deviance_loss{}},
    named_loss{"exact/gamma_deviance_loss_mean", fovea::gamma_deviance_loss{.log_input = false}},
    named_loss{"exact/tweedie_deviance_loss", fovea::tweedie_deviance_loss{}},
    named_loss{"exact/tweedie_deviance_loss_mean", fovea::tweedie_deviance_loss{.power = 1.25, .log_input = false}}};
constexpr std::size_t logit_losses = 9, loss_count = std::tuple_size_v<decltype(all_losses)>;

/// Calls f(i, named loss) for each.
template <class F> constexpr void for_each_loss(F const& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(I, std::get<I>(all_losses)), ...);
  }(std::make_index_sequence<loss_count>{});
}

/// One of them, chosen when it runs: the evaluation over tensors is compiled once for all.
struct chosen_loss {
  std::size_t index = 0;
  template <fovea::real X, fovea::real Y> constexpr X operator()(X const& x, Y const& y) const {
    X result = x;
    for_each_loss([&](std::size_t i, auto const& named) {
      if (i == index) result = named.loss(x, y);
    });
    return result;
  }
};

char const* fixture_of(std::size_t index) {
  char const* result = nullptr;
  for_each_loss([&](std::size_t i, auto const& named) {
    if (i == index) result = named.fixture;
  });
  return result;
}

/// Part k of the fixture: predictions, targets, values, slopes, curvatures.
std::vector<double> part(std::vector<double> const& all, std::size_t k) {
  auto const n = all.size() / 5;
  return {all.begin() + static_cast<std::ptrdiff_t>(k * n), all.begin() + static_cast<std::ptrdiff_t>((k + 1) * n)};
}

/// The largest error relative to the result, plus an absolute part.
template <class T>
accuracy::largest farthest(std::vector<T> const& found, std::vector<double> const& expected, double absolute) {
  REQUIRE(found.size() == expected.size());
  accuracy::largest worst;
  for (std::size_t i = 0; i != found.size(); ++i)
    worst.see(std::abs(found[i] - expected[i]) / (std::abs(expected[i]) + absolute), "at", i, "found", found[i], "not",
              expected[i]);
  return worst;
}

}  // namespace

TEMPLATE_TEST_CASE("losses of elements match their references", "", FOVEA_LOSS_BACKENDS) {
  using T = typename TestType::value_type;
  constexpr bool single = sizeof(T) == 4;
  for (std::size_t i = 0; i != loss_count; ++i) {
    std::string const name = fixture_of(i);
    INFO(name);
    auto const all = contract_fixture("losses", name, "catalogue");
    auto const x = part(all, 0), y = part(all, 1);
    std::vector<T> const typed_x(x.begin(), x.end()), typed_y(y.begin(), y.end());
    evaluated const found(TestType{}, chosen_loss{i}, typed_x, typed_y);
    std::array<std::vector<double>, 3> expected{part(all, 2), part(all, 3), part(all, 4)};
    if (single) {  // of the rounded arguments
      std::vector<double> const rounded_x(typed_x.begin(), typed_x.end()), rounded_y(typed_y.begin(), typed_y.end());
      evaluated const in_double(fovea::host_backend<double>{}, chosen_loss{i}, rounded_x, rounded_y);
      expected = {in_double.values, in_double.slopes, in_double.curvatures};
    }
    double const absolute = single ? 1 : name.starts_with("exact/") ? 1e-4 : 1, most = single ? 2e-6 : 1e-10;
    auto const value = farthest(found.values, expected[0], absolute),
               slope = farthest(found.slopes, expected[1], absolute),
               curvature = farthest(found.curvatures, expected[2], absolute);
    CAPTURE(value.where(), slope.where(), curvature.where());
    CHECK(value.error() <= most);
    CHECK(slope.error() <= most);
    CHECK(curvature.error() <= most);
  }
}

TEMPLATE_TEST_CASE("losses on logits are finite and accurate at every float", "", fovea::host_backend<float>,
                   fovea::xtensor_backend<float>) {
  auto const logits = accuracy::every_logit<float>();
  std::vector<double> const same(logits.begin(), logits.end());
  for (std::size_t i = 0; i != logit_losses; ++i) {
    for (float const y : {0.f, 0.25f, 1.f}) {
      INFO(fixture_of(i) << ", target " << y);
      evaluated const found(TestType{}, chosen_loss{i}, logits, y);
      evaluated const truth(fovea::host_backend<double>{}, chosen_loss{i}, same, double{y});
      accuracy::largest value, slope;
      std::size_t not_finite = 0;
      for (std::size_t k = 0; k != logits.size(); ++k) {
        not_finite += !std::isfinite(found.slopes[k]) || !std::isfinite(found.curvatures[k]);
        if (std::isinf(static_cast<float>(truth.values[k]))) continue;
        // a soft target's terms may cancel
        double const scale = y * (1 - y) == 0 ? truth.values[k] : std::max(1., truth.values[k]);
        value.see(accuracy::error_against(found.values[k], truth.values[k], scale), "at", logits[k], "found",
                  found.values[k], "not", truth.values[k]);
        slope.see(std::fabs(found.slopes[k] - truth.slopes[k]), "at", logits[k], "found", found.slopes[k], "not",
                  truth.slopes[k]);
      }
      CAPTURE(value.where(), slope.where());
      CHECK(not_finite == 0);
      CHECK(value.error() <= 1e-5);
      CHECK(slope.error() <= 1e-5);
    }
  }
}

TEST_CASE("losses of elements have domains") {
  using fovea::argument_error;
  CHECK_THROWS_WITH(fovea::smooth_l1_loss{.beta = -1}.validate(),
                    "smooth_l1_loss: beta must be finite and not negative, got -1");
  CHECK_THROWS_AS(fovea::huber_loss{.delta = 0}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::quantile_loss{.quantile = 1}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::mape_loss{.epsilon = 0}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::smape_loss{.epsilon = 0}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::hinge_embedding_loss{.margin = NAN}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::margin_ranking_loss{.margin = NAN}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::poisson_nll_loss{.epsilon = -1}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::tweedie_deviance_loss{.power = 2}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_binary_cross_entropy{.label_smoothing = 1.5}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::asymmetric_loss{.gamma_neg = -1}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::asymmetric_loss{.gamma_pos = -1}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::asymmetric_loss{.clip = 1}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_poly_loss{.epsilon = -2}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::quality_focal_loss{.beta = 0.5}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::varifocal_loss{.alpha = 0}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::varifocal_loss{.gamma = -1}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_focal_loss_star{.gamma = 0}.validate(), argument_error);
  CHECK_THROWS_AS(fovea::sigmoid_focal_loss_star{.alpha = 2}.validate(), argument_error);
  // a number that rounds to 0, or to a denormal number, in the predictions' type
  auto const refused_in_float = [](auto const& loss) {
    std::vector<float> const z{1, 2}, y{0, 0};
    std::vector<double> const z64{1, 2}, y64{0, 0};
    CHECK_THROWS_AS(fovea::value(loss, z, y), argument_error);
    CHECK(std::isfinite(fovea::value(loss, z64, y64)));
  };
  refused_in_float(fovea::smooth_l1_loss{.beta = 1e-60});
  refused_in_float(fovea::huber_loss{.delta = 1e-40});
  refused_in_float(fovea::mape_loss{.epsilon = 1e-60});
  refused_in_float(fovea::smape_loss{.epsilon = 1e-60});
  refused_in_float(fovea::poisson_nll_loss{.log_input = false, .epsilon = 1e-60});
}

TEST_CASE("the asymmetric loss with constant weights has their cross-entropy's slope") {
  fovea::asymmetric_loss const loss = fovea::compat::asl::asymmetric_loss;
  double const z = 0.75, p = 1 / (1 + std::exp(-z)), shifted = p - 0.05;
  auto const negative = fovea::value_and_slope(loss, z, 0.), positive = fovea::value_and_slope(loss, z, 1.);
  CHECK(negative.value == Approx(-std::pow(shifted, 4) * std::log(1 - shifted)).epsilon(1e-14));
  CHECK(negative.slope == Approx(std::pow(shifted, 4) * p * (1 - p) / (1 - shifted)).epsilon(1e-14));
  CHECK(positive.value == Approx(-(1 - p) * std::log(p)).epsilon(1e-14));
  CHECK(positive.slope == Approx(-(1 - p) * (1 - p)).epsilon(1e-14));
}

TEST_CASE("losses on logits tend to their limits at infinity, on both sides") {
  double const infinity = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i != logit_losses; ++i) {  // smoothed targets have no right side
    INFO(fixture_of(i));
    for (double const y : {0., 1.}) {
      double const right = y == 1 ? infinity : -infinity;
      auto const at_right = fovea::value_slope_and_curvature(chosen_loss{i}, right, y);
      CHECK(at_right.value == 0);
      CHECK(at_right.slope == 0);
      CHECK(at_right.curvature == 0);
      auto const at_wrong = fovea::value_slope_and_curvature(chosen_loss{i}, -right, y);
      CHECK(at_wrong.value > 0);
      CHECK(std::isfinite(at_wrong.slope));
      CHECK(at_wrong.curvature == 0);
    }
  }
}

TEST_CASE("class-balanced weights follow the effective number of samples") {
  auto const weights = fovea::class_balanced_weights({900, 90, 10}, 0.99);
  std::vector<double> expected;
  double sum = 0;
  for (double const n : {900., 90., 10.}) expected.push_back(0.01 / (1 - std::pow(0.99, n))), sum += expected.back();
  for (std::size_t i = 0; i != 3; ++i) CHECK(weights[i] == Approx(3 * expected[i] / sum).epsilon(1e-12));
  CHECK(fovea::class_balanced_weights({900, 1}, 0) == std::vector<double>{1, 1});
  CHECK_THROWS_AS(fovea::class_balanced_weights({1}, 1), fovea::argument_error);
  CHECK_THROWS_WITH(fovea::class_balanced_weights({1, 0}),
                    "class_balanced_weights: every class needs samples; class, got 1");
}
