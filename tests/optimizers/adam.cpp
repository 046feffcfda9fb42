// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>

#include <fovea/optimizers/adabelief.hpp>
#include <fovea/optimizers/adagrad.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/averaging.hpp>
#include <fovea/optimizers/lookahead.hpp>
#include <fovea/optimizers/rmsprop.hpp>
#include <fovea/optimizers/schedule_free_adamw.hpp>
#include <fovea/optimizers/sgd.hpp>

#include "torch_trajectory.hpp"

using fovea::adam;

TEST_CASE("adam follows PyTorch's Adam") {
  follows_torch("adam", adam{.learning_rate = 1e-2});
  follows_torch("adam_weight_decay",
                adam{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.02});
}

namespace {

/// Takes one step with a gradient, then many without: no state is ever denormal, and at the end all of it is 0.
template <class T, class O> void check_dead_unit(O const& rule) {
  T parameter = 1;
  std::array<T, O::state_count> state{};
  bool denormal = false;
  auto const take = [&](double step, T gradient) {
    std::apply([&](auto&... s) { rule(rule.coefficients_at(step), parameter, gradient, s...); }, state);
    for (T s : state) denormal = denormal || std::fpclassify(s) == FP_SUBNORMAL;
  };
  take(1, T(1e-3));
  for (int step = 2; step != 20000; ++step) take(step, T(0));
  CHECK_FALSE(denormal);
  for (T s : state) CHECK(s == 0);
}

}  // namespace

TEST_CASE("the state of a unit without gradient reaches 0 and is never denormal") {
  check_dead_unit<float>(adam{.beta2 = 0.99});
  check_dead_unit<double>(adam{.beta2 = 0.95});
  check_dead_unit<float>(fovea::adamw{.beta2 = 0.99});
  check_dead_unit<float>(fovea::sgd{.momentum = 0.9});
  check_dead_unit<double>(fovea::sgd{.momentum = 0.9, .nesterov = true});
  check_dead_unit<float>(fovea::adabelief{.beta2 = 0.99, .epsilon_root = 0});
}

TEST_CASE("the state of parameters that decay, and of tiny gradients, is never denormal") {
  auto const check = [](auto const& rule, float gradient, int steps) {
    float parameter = 1;
    std::array<float, std::remove_cvref_t<decltype(rule)>::state_count> state{};
    bool denormal = false;
    for (int step = 1; step != steps; ++step) {
      float slope = gradient;
      std::apply([&](auto&... s) { rule(rule.coefficients_at(step), parameter, slope, s...); }, state);
      for (float const s : state) denormal = denormal || std::fpclassify(s) == FP_SUBNORMAL;
    }
    CHECK_FALSE(denormal);
    CHECK(std::isfinite(parameter));
  };
  check(fovea::lookahead{fovea::sgd{.learning_rate = 0.5, .weight_decay = 0.5}, 1, 0.3}, 0, 4000);
  check(fovea::schedule_free_adamw{.learning_rate = 0.5, .weight_decay = 1}, 0, 4000);
  check(fovea::adagrad{}, 1e-20f, 100);
  check(fovea::rmsprop{}, 1e-20f, 100);
  // where epsilon hides nothing, small squares stay what they are
  for (double const epsilon : {0., 1e-30}) {
    float parameter = 1, slope = 3e-20f, squares = 0, velocity = 0;
    fovea::rmsprop const rule{.learning_rate = 0.1, .alpha = 0, .epsilon = epsilon};
    rule(rule.coefficients_at(1), parameter, slope, squares, velocity);
    CHECK(parameter == Approx(0.9f).epsilon(1e-4));
    float other = 1, sum = 0;
    fovea::adagrad const sums{.learning_rate = 0.1, .epsilon = epsilon};
    sums(sums.coefficients_at(1), other, slope, sum);
    CHECK(other == Approx(0.9f).epsilon(1e-4));
  }
}

TEST_CASE("the average of a parameter that is 0 reaches 0 and is never denormal") {
  float parameter = 1, slope = 0, average = 0;
  bool denormal = false;
  fovea::ema const rule{.decay = 0.9};
  for (int step = 1; step != 2000; ++step) {
    rule(rule.coefficients_at(step), parameter, slope, average);
    denormal = denormal || std::fpclassify(average) == FP_SUBNORMAL;
    parameter = 0;
  }
  CHECK_FALSE(denormal);
  CHECK(average == 0);
}

TEST_CASE("a second moment that counts is kept, however small: without epsilon, a step is of the learning rate") {
  float parameter = 1, first = 0, second = 0;
  adam const rule{.learning_rate = 0.5, .epsilon = 0};
  rule(rule.coefficients_at(1), parameter, 1e-18f, first, second);
  CHECK(parameter == Approx(0.5).epsilon(0.01));
}

TEST_CASE("adam rejects hyper-parameters outside their domain") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_NOTHROW(adam{}.validate());
  CHECK_NOTHROW((adam{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .epsilon = 0}.validate()));
  CHECK_THROWS_WITH((adam{.learning_rate = -1}.validate()),
                    "adam: learning_rate must be finite and not negative, got -1");
  CHECK_THROWS_WITH((adam{.beta1 = 1}.validate()), "adam: beta1 must be in [0, 1), got 1");
  CHECK_THROWS_WITH((adam{.beta2 = -0.25}.validate()), "adam: beta2 must be in [0, 1), got -0.25");
  CHECK_THROWS_WITH((adam{.epsilon = -1}.validate()), "adam: epsilon must be finite and not negative, got -1");
  CHECK_THROWS_WITH((adam{.weight_decay = -1}.validate()),
                    "adam: weight_decay must be finite and not negative, got -1");
  CHECK_THROWS_AS((adam{.learning_rate = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adam{.beta1 = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adam{.beta2 = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adam{.epsilon = nan}.validate()), fovea::argument_error);
}
