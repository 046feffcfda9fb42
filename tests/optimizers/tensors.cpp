// SPDX-License-Identifier: MIT
// 200 steps of the optimizers that read whole tensors, and of schedule-free AdamW, against their published algorithms.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/optimizers/adafactor.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/muon.hpp>
#include <fovea/optimizers/novograd.hpp>
#include <fovea/optimizers/schedule_free_adamw.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/optimizers/schedules.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/optimizers/trust_ratio.hpp>
#include <fovea/training/updater.hpp>

#include "../backends.hpp"
#include "../contract_fixture.hpp"

namespace {

/// The parameters of the fixture, a matrix and a vector in one flat tensor.
std::vector<fovea::detail::parameter_range> const named{{"0.weight", 0, 30, 5}, {"0.bias", 30, 7}};

template <class B, class O>
void follows_fixture_on(B const& b, std::string const& name, O const& rule, std::vector<double> const& expected) {
  INFO(name);
  std::size_t const n = 37;
  auto x = tensor_from(b, std::array{n}, std::vector<double>(expected.begin(), expected.begin() + n));
  auto average = fovea::empty_like(b, x);
  fovea::detail::updater update(b, rule, named);
  double farthest = 0;
  auto const compare = [&](auto const& tensor, std::vector<double> const& with, std::size_t row) {
    auto const found = to_vector(tensor);
    for (std::size_t i = 0; i != n; ++i)
      farthest = std::max(farthest, std::abs(static_cast<double>(found[i]) - with[row * n + i]));
  };
  for (std::size_t step = 1; step != 201; ++step) {
    std::vector<double> slopes;
    for (std::size_t i = 0; double const v : to_vector(x))
      slopes.push_back((0.1 + 0.05 * static_cast<double>(i++)) * v + std::sin(v));
    auto const gradient = tensor_from(b, std::array{n}, slopes);
    update(b, fovea::data(x), fovea::data(gradient));
    if (step % 20 != 0) continue;
    compare(x, expected, step / 20);
    if constexpr (update.averages) {
      b.copy(update.average(), fovea::data(average), n);
      compare(average, contract_fixture("tensors", name + "/average", "catalogue"), step / 20 - 1);
    }
  }
  CHECK(farthest < by_precision(b, 1e-5, 1e-9));
}

template <class O> void follows_fixture(std::string const& name, O const& rule) {
  auto const expected = contract_fixture("tensors", name, "catalogue");
  REQUIRE(expected.size() == 11 * 37);
  follows_fixture_on(fovea::host_backend<double>{}, name, rule, expected);
  follows_fixture_on(main_backend<float>{}, name, rule, expected);
}

}  // namespace

TEST_CASE("lamb, lars and novograd follow their papers and optax for 200 steps") {
  follows_fixture("lamb", fovea::lamb());
  follows_fixture(
      "lamb_options",
      fovea::lamb({.learning_rate = 2e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .weight_decay = 0.1}));
  follows_fixture("lars", fovea::lars({.learning_rate = 0.5}));
  follows_fixture("lars_options", fovea::lars({.learning_rate = 2,
                                               .weight_decay = 0.05,
                                               .trust_coefficient = 0.02,
                                               .epsilon = 1e-3,
                                               .momentum = 0.8,
                                               .nesterov = true}));
  follows_fixture("novograd", fovea::novograd{.learning_rate = 2e-3});
  follows_fixture("novograd_options", fovea::novograd{.learning_rate = 2e-2,
                                                      .beta1 = 0.8,
                                                      .beta2 = 0.9,
                                                      .epsilon = 1e-3,
                                                      .epsilon_root = 1e-4,
                                                      .weight_decay = 0.05});
}

TEST_CASE("muon and adafactor follow PyTorch's algorithms for 200 steps") {
  follows_fixture("muon", fovea::muon({.learning_rate = 1e-2}));
  follows_fixture(
      "muon_options",
      fovea::muon(
          {.learning_rate = 2e-2, .weight_decay = 0.02, .momentum = 0.8, .nesterov = false, .newton_schulz_steps = 3}));
  follows_fixture("adafactor", fovea::adafactor{});
  follows_fixture(
      "adafactor_options",
      fovea::adafactor{
          .learning_rate = 0.02, .beta2_decay = -0.5, .epsilon2 = 0.1, .clip_threshold = 1.5, .weight_decay = 0.1});
}

TEST_CASE("muon takes a schedule, and orthogonalizes tall and wide matrices alike") {
  fovea::host_backend<double> const b;
  fovea::chain const rule{fovea::scale_by_muon{.nesterov = false, .newton_schulz_steps = 30},
                          fovea::scheduled{fovea::constant_rate{0.5}, fovea::sgd{.learning_rate = 2}}};
  std::vector<double> x(24), slopes;
  for (std::size_t i = 0; i != 24; ++i) slopes.push_back(std::sin(static_cast<double>(3 * i * i)));
  fovea::detail::updater update(b, rule, {{"tall", 0, 12, 4}, {"wide", 12, 12, 3}});
  for (std::size_t r = 0; r != 4; ++r)
    for (std::size_t c = 0; c != 3; ++c) slopes[12 + c * 4 + r] = slopes[3 * r + c];
  update(b, x.data(), slopes.data());
  for (std::size_t r = 0; r != 4; ++r)
    for (std::size_t c = 0; c != 3; ++c) CHECK(x[12 + c * 4 + r] * std::sqrt(4. / 3) == Approx(x[3 * r + c]));
  for (std::size_t c = 0; c != 3; ++c) {
    double square = 0;
    for (std::size_t r = 0; r != 4; ++r) square += x[3 * r + c] * x[3 * r + c];
    CHECK(std::abs(square * 3 / 4 - 1) < 0.6);  // the polynomial's fixed interval is about [0.7, 1.2]
  }
}

TEST_CASE("schedule_free_adamw follows its authors' algorithm for 200 steps, its average too") {
  follows_fixture("schedule_free_adamw", fovea::schedule_free_adamw{});
  follows_fixture(
      "schedule_free_adamw_options",
      fovea::schedule_free_adamw{
          .learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 0.1, .weight_decay = 0.1, .warmup_steps = 30});
}

TEST_CASE("optimizers of tensors have domains, and a norm of 0 scales by 1") {
  CHECK_THROWS_WITH(fovea::scale_by_trust_ratio{.trust_coefficient = 0}.validate(),
                    "scale_by_trust_ratio: trust_coefficient must be finite and above 0, got 0");
  CHECK_THROWS_AS(fovea::scale_by_trust_ratio{.epsilon = -1}.validate(), fovea::argument_error);
  CHECK(fovea::scale_by_trust_ratio{}.coefficients_at(1, 0, 4).scale == 1);
  CHECK(fovea::scale_by_trust_ratio{}.coefficients_at(1, 4, 0).scale == 1);
  CHECK_THROWS_AS(fovea::lamb({.beta1 = 1}).validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::lars({.momentum = -1}).validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::novograd{.epsilon_root = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::muon({.newton_schulz_steps = 0}).validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::scale_by_muon{.epsilon = 0}.validate(), fovea::argument_error);
  CHECK_THROWS_WITH(fovea::adafactor{.beta2_decay = 1}.validate(),
                    "adafactor: beta2_decay must be finite and not positive, got 1");
  CHECK_THROWS_AS(fovea::adafactor{.clip_threshold = 0.5}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::schedule_free_adamw{.warmup_steps = -1}.validate(), fovea::argument_error);
}
