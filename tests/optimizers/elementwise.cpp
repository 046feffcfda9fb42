// SPDX-License-Identifier: MIT
// 200 steps of every elementwise optimizer against PyTorch, or optax where PyTorch has none.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/optimizers/adabelief.hpp>
#include <fovea/optimizers/adadelta.hpp>
#include <fovea/optimizers/adagrad.hpp>
#include <fovea/optimizers/adamax.hpp>
#include <fovea/optimizers/amsgrad.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/clip.hpp>
#include <fovea/optimizers/lion.hpp>
#include <fovea/optimizers/muon.hpp>
#include <fovea/optimizers/nadam.hpp>
#include <fovea/optimizers/novograd.hpp>
#include <fovea/optimizers/radam.hpp>
#include <fovea/optimizers/rmsprop.hpp>
#include <fovea/optimizers/rprop.hpp>
#include <fovea/optimizers/sgd.hpp>

#include "../backends.hpp"
#include "../contract_fixture.hpp"

namespace {

template <class O> struct named_optimizer {
  char const *file, *fixture;
  O rule;
};
template <class O> named_optimizer(char const*, char const*, O) -> named_optimizer<O>;

constexpr std::tuple all_optimizers{
    named_optimizer{"optimizers", "rmsprop", fovea::rmsprop{}},
    named_optimizer{
        "optimizers", "rmsprop_momentum",
        fovea::rmsprop{.learning_rate = 5e-3, .alpha = 0.9, .epsilon = 0.1, .weight_decay = 0.02, .momentum = 0.8}},
    named_optimizer{"optimizers", "centered_rmsprop", fovea::centered_rmsprop{.epsilon = 1e-3, .momentum = 0.5}},
    named_optimizer{"optimizers", "adagrad", fovea::adagrad{}},
    named_optimizer{
        "optimizers", "adagrad_options",
        fovea::adagrad{
            .learning_rate = 0.1, .learning_rate_decay = 0.05, .weight_decay = 0.02, .initial_accumulator_value = 0.5}},
    named_optimizer{"optimizers", "adadelta", fovea::adadelta{}},
    named_optimizer{"optimizers", "adadelta_options",
                    fovea::adadelta{.learning_rate = 2, .rho = 0.8, .epsilon = 1e-4, .weight_decay = 0.02}},
    named_optimizer{"optimizers", "adamax", fovea::adamax{}},
    named_optimizer{
        "optimizers", "adamax_options",
        fovea::adamax{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.02}},
    named_optimizer{"optimizers", "amsgrad",
                    fovea::amsgrad{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.02}},
    named_optimizer{"optimizers", "nadam", fovea::nadam{}},
    named_optimizer{"optimizers", "nadam_options",
                    fovea::nadam{.learning_rate = 1e-2,
                                 .beta1 = 0.8,
                                 .beta2 = 0.95,
                                 .epsilon = 0.1,
                                 .weight_decay = 0.02,
                                 .momentum_decay = 0.5}},
    named_optimizer{"optimizers", "radam", fovea::radam{.learning_rate = 1e-2}},
    named_optimizer{
        "optimizers", "radam_options",
        fovea::radam{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .weight_decay = 0.02}},
    named_optimizer{"optimizers", "rprop", fovea::rprop{}},
    named_optimizer{
        "optimizers", "rprop_options",
        fovea::rprop{
            .initial_step = 0.1, .eta_minus = 0.3, .eta_plus = 1.5, .smallest_step = 1e-3, .largest_step = 0.5}},
    named_optimizer{"optax", "adabelief", fovea::adabelief{}},
    named_optimizer{
        "optax", "adabelief_options",
        fovea::adabelief{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .epsilon_root = 1e-6}},
    named_optimizer{"optax", "lion", fovea::lion{}},
    named_optimizer{"optax", "lion_options",
                    fovea::lion{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .weight_decay = 0.1}}};

template <class F> constexpr void for_each_optimizer(F const& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(I, std::get<I>(all_optimizers)), ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(all_optimizers)>>{});
}

/// One of them, chosen when it runs: a step on tensors is compiled once for all.
struct chosen_optimizer {
  std::size_t index = 0;

  static constexpr std::size_t state_count = 3;
  struct coefficients {
    std::array<std::byte, 32> bytes;
  };
  coefficients coefficients_at(double step) const {
    coefficients result{};
    for_each_optimizer([&](std::size_t i, auto const& named) {
      auto const own = named.rule.coefficients_at(step);
      static_assert(sizeof(own) <= sizeof(result));
      if (i == index) std::memcpy(&result, &own, sizeof(own));
    });
    return result;
  }
  template <fovea::real T>
  void operator()(coefficients const& c, T& parameter, T const& slope, T& a, T& second, T& third) const {
    T* const states[]{&a, &second, &third};
    for_each_optimizer([&](std::size_t i, auto const& named) {
      using O = std::remove_cvref_t<decltype(named.rule)>;
      if (i != index) return;
      typename O::coefficients own{};
      std::memcpy(&own, &c, sizeof(own));
      T copy = slope;
      fovea::detail::call(std::make_index_sequence<O::state_count>{}, named.rule, own, parameter, copy, states);
    });
  }
};
static_assert(fovea::optimizer<chosen_optimizer>);

/// The largest difference over 200 steps, every 20th of which the fixture holds.
template <class B> double farthest(B const& b, std::size_t index, std::vector<double> const& expected) {
  using T = value_type_of<B>;
  std::size_t const n = 37;
  chosen_optimizer const rule{index};
  auto x = tensor_from(b, std::array{n}, std::vector<double>(expected.begin(), expected.begin() + n));
  auto state = tensor_from(b, std::array{3 * n}, std::vector<T>(3 * n));
  double result = 0;
  for (std::size_t step = 1; step <= 200; ++step) {
    std::vector<double> slopes;
    for (std::size_t i = 0; double const v : to_vector(x))
      slopes.push_back((0.1 + 0.05 * static_cast<double>(i++)) * v + std::sin(v));
    auto const gradient = tensor_from(b, std::array{n}, slopes);
    auto const coefficients = rule.coefficients_at(static_cast<double>(step));
    auto* const s = fovea::data(state);
    b.for_each(fovea::domain<1, fovea::dynamic>({1, n}), fovea::optimizer_step<chosen_optimizer>{rule},
               fovea::each{fovea::data(x)}, fovea::broadcast{&coefficients}, fovea::each{fovea::data(gradient)},
               fovea::each{s}, fovea::each{s + n}, fovea::each{s + 2 * n});
    if (step % 20 != 0) continue;
    auto const found = to_vector(x);
    for (std::size_t i = 0; i != n; ++i) result = std::max(result, std::abs(found[i] - expected[step / 20 * n + i]));
  }
  return result;
}

}  // namespace

TEST_CASE("elementwise optimizers follow PyTorch and optax for 200 steps") {
  for_each_backend([](auto const& b) {
    for_each_optimizer([&](std::size_t i, auto const& named) {
      INFO(named.fixture);
      auto const expected = contract_fixture(named.file, named.fixture, "catalogue");
      REQUIRE(expected.size() == 11 * 37);
      CHECK(farthest(b, i, expected) < by_precision(b, 1e-5, 1e-9));
    });
  });
}

TEST_CASE("elementwise optimizers keep no denormal state where gradients end") {
  for_each_optimizer([](std::size_t, auto const& named) {
    using O = std::remove_cvref_t<decltype(named.rule)>;
    INFO(named.fixture);
    float parameter = 1;
    std::array<float, 3> state{};
    float* const states[]{&state[0], &state[1], &state[2]};
    bool denormal = false;
    for (int step = 1; step != 3000; ++step) {
      auto rule = named.rule;
      if constexpr (requires { rule.weight_decay; }) rule.weight_decay = 0;
      float slope = step == 1 ? 1e-3f : 0;
      fovea::detail::call(std::make_index_sequence<O::state_count>{}, rule, rule.coefficients_at(step), parameter,
                          slope, states);
      for (float const s : state) denormal = denormal || std::fpclassify(s) == FP_SUBNORMAL;
    }
    CHECK_FALSE(denormal);
    CHECK(std::isfinite(parameter));
  });
}

TEST_CASE("elementwise optimizers have domains") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  for_each_optimizer([&](std::size_t, auto const& named) {
    INFO(named.fixture);
    auto const rejects = [&](auto change) {
      auto rule = named.rule;
      change(rule);
      CHECK_THROWS_AS(rule.validate(), fovea::argument_error);
    };
    CHECK_NOTHROW(named.rule.validate());
    using O = std::remove_cvref_t<decltype(named.rule)>;
    if constexpr (requires(O o) { o.learning_rate; }) rejects([](O& o) { o.learning_rate = -1; });
    if constexpr (requires(O o) { o.weight_decay; }) rejects([&](O& o) { o.weight_decay = nan; });
    if constexpr (requires(O o) { o.beta1; }) rejects([](O& o) { o.beta1 = 1; });
    if constexpr (requires(O o) { o.beta2; }) rejects([](O& o) { o.beta2 = 1; });
    if constexpr (requires(O o) { o.epsilon; }) {
      rejects([](O& o) { o.epsilon = -1; });
      auto rule = named.rule;
      rule.epsilon = 1e-60;
      CHECK_THROWS_AS(rule.template validate_in<float>(), fovea::argument_error);
      CHECK_NOTHROW(rule.template validate_in<double>());
    }
    if constexpr (requires(O o) { o.alpha; }) rejects([](O& o) { o.alpha = 1; });
    if constexpr (requires(O o) { o.rho; }) rejects([](O& o) { o.rho = 1; });
    if constexpr (requires(O o) { o.momentum; }) rejects([](O& o) { o.momentum = -1; });
    if constexpr (requires(O o) { o.eta_minus; }) {
      rejects([](O& o) { o.eta_minus = 1; });
      rejects([](O& o) { o.eta_plus = 1; });
      rejects([](O& o) { o.initial_step = 100; });
    }
  });
  CHECK_THROWS_WITH(fovea::nadam{.momentum_decay = -1}.validate(),
                    "nadam: momentum_decay must be finite and not negative, got -1");
  CHECK_THROWS_AS(fovea::adabelief{.epsilon_root = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::adagrad{.learning_rate_decay = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::adagrad{.initial_accumulator_value = -1}.validate(), fovea::argument_error);
}

TEST_CASE("nadam's product of momenta is that of all steps, also without their decay") {
  for (double const decay : {0., 4e-3, 0.5, 30.}) {
    fovea::nadam const rule{.momentum_decay = decay};
    double product = 1;
    for (int step = 1; step != 300; ++step) {
      product *= rule.momentum(step);
      CHECK(rule.momentum_product(step) == Approx(product).epsilon(1e-11));
    }
  }
}

TEST_CASE("what rounds to 0 or to a denormal number in the value type is refused") {
  auto const rule_refused = [](auto const& rule) {
    CHECK_THROWS_AS(rule.template validate_in<float>(), fovea::argument_error);
    CHECK_NOTHROW(rule.template validate_in<double>());
  };
  rule_refused(fovea::scale_by_muon{.epsilon = 1e-60});
  rule_refused(fovea::adamax{.epsilon = 1e-40});
  rule_refused(fovea::rprop{.smallest_step = 1e-40});
  rule_refused(fovea::novograd{.epsilon_root = 1e-60});
  rule_refused(fovea::adabelief{.epsilon_root = 1e-60});
  rule_refused(fovea::adaptive_gradient_clip{.eps = 1e-60});
  rule_refused(fovea::clip_by_value{.max_value = 1e-60});
  rule_refused(fovea::chain{fovea::scale_by_muon{.vectors = {.epsilon = 1e-60}}, fovea::sgd{}});
}
