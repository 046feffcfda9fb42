// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fovea/io/npy.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/reduce_on_plateau.hpp>
#include <fovea/training/trainer.hpp>

#include "../layers/drawn.hpp"
#include "torch_trajectory.hpp"

using fovea::scheduled;

TEST_CASE("schedules are PyTorch's and optax's over 1,000 steps") {
  using namespace fovea;
  auto const expected = read_npy<double>(FOVEA_FIXTURES_DIR "/torch/schedules.npy");
  std::size_t row = 0;
  auto const follows = [&](auto const& factor) {
    CHECK_NOTHROW(fovea::validate(factor));
    double farthest = 0;
    for (std::size_t step = 0; step != 1000; ++step)
      farthest = std::max(farthest, std::abs(factor(static_cast<double>(step)) - expected.values[1000 * row + step]));
    INFO("row " << row++);
    CHECK(farthest < 1e-12);
  };
  follows(constant_rate{0.5});
  follows(step_decay{.step_size = 30, .gamma = 0.9});
  follows(multi_step_decay{{100, 400, 401}});
  follows(exponential_decay{.gamma = 0.995});
  follows(exponential_decay{.gamma = 0.3, .steps = 250});
  follows(polynomial_decay{.steps = 700, .power = 2});
  follows(polynomial_decay{.steps = 800, .power = 1.5, .end = 0.2});
  follows(cosine_decay{.steps = 1000, .end = 0.1});
  follows(cosine_decay{.steps = 600, .end = 0.05});
  follows(cosine_restarts{.steps = 70, .end = 0.01});
  follows(cosine_restarts{.steps = 50, .growth = 2});
  follows(linear_warmup{.steps = 300, .start = 0.25});
  follows(cosine_warmup{.steps = 200, .start = 0.1});
  follows(warmup_cosine{.warmup_steps = 100, .steps = 900, .start = 0.02, .end = 0.1});
  follows(warmup_stable_decay{.warmup_steps = 100, .stable_steps = 500, .decay_steps = 300, .start = 0.1, .end = 0.05});
  follows(inverse_square_root{.warmup_steps = 120});
  follows(one_cycle{.steps = 1000, .pct_start = 0.4, .div_factor = 10, .final_div_factor = 100});
  follows(cyclic{.step_size_up = 150, .step_size_down = 90, .base = 0.2});
  follows(cyclic{.step_size_up = 100, .step_size_down = 100, .base = 0.1, .decay = 0.5});
  follows(joined{exponential_decay{.gamma = 0.99}, 300, step_decay{.step_size = 50, .gamma = 0.5}});
  CHECK(expected.shape == std::vector<std::size_t>{row, 1000});
}

TEST_CASE("a scheduled optimizer follows PyTorch's over 200 steps") {
  follows_torch("chains/sgd_one_cycle", scheduled{fovea::one_cycle{.steps = 300},
                                                  fovea::sgd{.learning_rate = 0.3, .momentum = 0.9, .nesterov = true}});
  follows_torch("chains/adamw_cosine", scheduled{fovea::cosine_decay{.steps = 200, .end = 0.1},
                                                 fovea::adamw{.learning_rate = 3e-2, .weight_decay = 0.1}});
}

TEST_CASE("a momentum that cycles follows PyTorch's over 200 steps") {
  follows_torch("chains/sgd_one_cycle_momentum",
                scheduled{fovea::cycle_momentum{fovea::one_cycle{.steps = 300}},
                          fovea::sgd{.learning_rate = 0.3, .momentum = 0.9, .nesterov = true}});
  follows_torch("chains/adamw_one_cycle_momentum",
                scheduled{fovea::cycle_momentum{fovea::one_cycle{.steps = 201}, 0.7, 0.9},
                          fovea::adamw{.learning_rate = 3e-2, .weight_decay = 0.1}});
  follows_torch(
      "chains/sgd_cyclic_momentum",
      scheduled{fovea::cycle_momentum{
                    fovea::cyclic{.step_size_up = 30, .step_size_down = 20, .base = 0.2, .decay = 0.5}, 0.8, 0.9},
                fovea::sgd{.learning_rate = 0.1, .momentum = 0.9}});
  CHECK_THROWS_WITH((fovea::cycle_momentum{fovea::one_cycle{.steps = 9}, 0.5, 1}.validate()),
                    "cycle_momentum: max_momentum must be in [0, 1), got 1");
  CHECK_THROWS_AS((fovea::cycle_momentum{fovea::one_cycle{.steps = 0}}.validate()), fovea::argument_error);
}

namespace {

/// A user's optimizer, whose update reads the learning rate.
struct sign_descent {
  double learning_rate = 0.5;
  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  template <fovea::real T> FOVEA_HD constexpr void operator()(coefficients const&, T& parameter, T const& g) const {
    T const rate = fovea::math::constant<T>(learning_rate);
    parameter = parameter - fovea::math::select(g > T(0), rate, fovea::math::select(g < T(0), -rate, T(0)));
  }
};
/// A user's schedule.
struct harmonic {
  FOVEA_HD constexpr double operator()(double step) const { return 1 / (1 + step); }
};

template <class B, class O> auto trainer_of(B const& b, O const& rule) {
  return fovea::trainer{
      b, fovea::sequential{fovea::linear<3, 2>{}}, fovea::mean_squared_error{}, rule, {.batch_size = 4, .seed = 1}};
}

}  // namespace

TEST_CASE("a trainer has the rate of its last step, and so have the reports") {
  for_each_backend([](auto const& b) {
    fovea::dataset const data{b, tensor_from(b, std::array<std::size_t, 2>{10, 3}, drawn(30, 1)),
                              tensor_from(b, std::array<std::size_t, 2>{10, 2}, drawn(20, 2))};
    auto t = trainer_of(b, scheduled{harmonic{}, sign_descent{}});
    CHECK(t.learning_rate() == 0.5);
    struct watch {
      std::vector<double> rates = {};
      void on_step(fovea::step_report const& r) { rates.push_back(r.learning_rate); }
    } seen;
    auto const history = t.fit(data, {.epochs = 2}, seen);
    CHECK(seen.rates == std::vector{0.5, 0.25, 0.5 / 3, 0.125, 0.1, 0.5 / 6});
    CHECK(history[0].learning_rate == 0.5 / 3);
    CHECK(t.learning_rate() == 0.5 / 6);
    auto const before = to_doubles(to_vector(t.parameters()));
    t.scale_learning_rate(0.5);
    t.step(data.features, data.targets);
    CHECK(t.learning_rate() == Approx(0.25 / 7));
    CHECK(max_difference(to_vector(t.parameters()), before) == Approx(0.25 / 7).epsilon(1e-5));
    scheduled const twice{harmonic{}, scheduled{fovea::constant_rate{0.5}, sign_descent{}}};
    CHECK(fovea::learning_rate_at(twice, 2) == 0.125);
  });
}

TEST_CASE("a constant schedule of 1 changes no bit, and another is another learning rate") {
  auto const trained = [](auto const& rule) {
    float parameter = 1.1f;
    std::array<float, std::remove_cvref_t<decltype(rule)>::state_count> state{};
    for (double step = 1; step != 9; ++step) {
      float slope = 0.3f * parameter;
      std::apply([&](auto&... s) { rule(rule.coefficients_at(step), parameter, slope, s...); }, state);
    }
    return parameter;
  };
  auto const is = [&](auto const& whole, auto const& half) {
    CHECK(trained(scheduled{fovea::constant_rate{}, whole}) == trained(whole));
    CHECK(trained(scheduled{fovea::constant_rate{0.5}, whole}) == trained(half));
  };
  is(fovea::adamw{.learning_rate = 0.25}, fovea::adamw{.learning_rate = 0.125});
  is(fovea::sgd{.learning_rate = 0.25, .momentum = 0.9}, fovea::sgd{.learning_rate = 0.125, .momentum = 0.9});
  is(sign_descent{}, sign_descent{0.25});
}

TEST_CASE("reduce_on_plateau is PyTorch's") {
  auto const expected = fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/plateau.npy");
  auto const epochs = expected.shape.at(1);
  struct rate_only {
    double rate = 0.5;
    double learning_rate() const { return rate; }
    void scale_learning_rate(double factor) { rate *= factor; }
  } t;
  fovea::reduce_on_plateau callback{
      .factor = 0.3, .patience = 3, .threshold = 0.01, .cooldown = 2, .min_learning_rate = 0.01};
  for (std::size_t e = 0; e != epochs; ++e) {
    fovea::epoch_report r;
    r.loss = expected.values[e];
    callback.on_epoch(r, t);
    CHECK(t.rate == Approx(expected.values[epochs + e]).epsilon(1e-14));
  }
  CHECK(t.rate == Approx(0.01));
  CHECK_THROWS_WITH(fovea::reduce_on_plateau{.factor = 1}.validate(),
                    "reduce_on_plateau: factor must be in (0, 1), got 1");
}

TEST_CASE("a schedule outside its domain is refused before a trainer is made") {
  CHECK_THROWS_WITH(trainer_of(fovea::host_backend<float>{}, scheduled{fovea::cosine_decay{.steps = -1}, fovea::sgd{}}),
                    "cosine_decay: steps must be finite and above 0, got -1");
  auto const with = [&](auto const& factor) { scheduled{factor, fovea::sgd{}}.validate(); };
  CHECK_THROWS_WITH(with(fovea::warmup_cosine{.warmup_steps = 10, .steps = 10}),
                    "warmup_cosine: steps must be finite and above warmup_steps, got 10");
  CHECK_THROWS_WITH(with(fovea::multi_step_decay{{5, 3}}),
                    "multi_step_decay: milestones must not be negative and must ascend, got 3");
  CHECK_THROWS_WITH(with(fovea::joined{fovea::constant_rate{}, 5, fovea::linear_warmup{-2}}),
                    "linear_warmup: steps must be finite and not negative, got -2");
  CHECK_THROWS_AS(with(fovea::step_decay{.step_size = 0}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::exponential_decay{.gamma = std::nan("")}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::one_cycle{.steps = 100, .pct_start = 1}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::cyclic{.step_size_up = 10, .step_size_down = -1}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::inverse_square_root{0}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::warmup_stable_decay{1, 1, -1}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::polynomial_decay{.steps = 1, .power = 0}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::cosine_restarts{.steps = 10, .growth = 0.5}), fovea::argument_error);
  CHECK_THROWS_AS(with(fovea::cosine_warmup{-1}), fovea::argument_error);
  CHECK_THROWS_AS((scheduled{fovea::constant_rate{}, fovea::sgd{.learning_rate = -1}}.validate()),
                  fovea::argument_error);
}
