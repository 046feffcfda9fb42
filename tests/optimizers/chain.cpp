// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/io/npy.hpp>
#include <fovea/layers/batch_norm.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/averaging.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/clip.hpp>
#include <fovea/optimizers/gradient_noise.hpp>
#include <fovea/optimizers/groups.hpp>
#include <fovea/optimizers/lookahead.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/optimizers/weight_decay.hpp>
#include <fovea/training/trainer.hpp>
#include <fovea/training/updater.hpp>

#include "../backends.hpp"
#include "../counting.hpp"
#include "../layers/drawn.hpp"

using fovea::adamw;
using fovea::chain;
using fovea::sgd;

namespace {

/// The parameters of the files of chains/: "0.weight" and "0.bias", in one flat tensor.
std::vector<fovea::detail::parameter_range> const named{{"0.weight", 0, 30, 5}, {"0.bias", 30, 7}};

/// Compares a chain with PyTorch over 200 steps, and its average if it has one, on every backend.
template <class O> void follows_torch(std::string const& name, O const& rule) {
  INFO(name);
  auto const expected = fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/chains/" + name + ".npy");
  std::size_t const n = 37;
  for_each_backend([&](auto const& b) {
    std::vector<double> const start(expected.values.begin(), expected.values.begin() + n);
    auto x = tensor_from(b, std::array{n}, start);
    auto average = fovea::empty_like(b, x);
    fovea::detail::updater update(b, rule, named);
    double farthest = 0;
    for (std::size_t step = 1; step != 201; ++step) {
      std::vector<double> slopes;
      for (std::size_t i = 0; double const v : to_vector(x))
        slopes.push_back((0.1 + 0.05 * static_cast<double>(i++)) * v + std::sin(v));
      auto const gradient = tensor_from(b, std::array{n}, slopes);
      update(b, fovea::data(x), fovea::data(gradient));
      if (step % 20 != 0) continue;
      auto found = to_doubles(to_vector(x));
      if constexpr (update.averages) {
        b.copy(update.average(), fovea::data(average), n);
        for (double const v : to_vector(average)) found.push_back(v);
      }
      auto const row = expected.values.begin() + static_cast<std::ptrdiff_t>(step / 20 * expected.shape.at(1));
      REQUIRE(found.size() == expected.shape.at(1));
      farthest = std::max(
          farthest, max_difference(found, std::vector<double>(row, row + static_cast<std::ptrdiff_t>(found.size()))));
    }
    CHECK(farthest < by_precision(b, 1e-5, 1e-9));
  });
}

}  // namespace

TEST_CASE("chains follow PyTorch") {
  follows_torch("clip_norm_adamw_ema", chain{fovea::clip_by_global_norm{0.5},
                                             adamw{.learning_rate = 3e-2, .weight_decay = 0.1}, fovea::ema{0.9}});
  follows_torch("clip_value_sgd_swa", chain{fovea::clip_by_value{0.25}, sgd{.learning_rate = 0.1, .momentum = 0.9},
                                            fovea::stochastic_weight_averaging{.start = 50, .every = 5}});
  follows_torch("clip_each_sgd", chain{fovea::clip_by_norm{0.5}, sgd{.learning_rate = 0.1}});
  follows_torch("clip_both", chain{fovea::clip_by_value{0.5}, fovea::clip_by_global_norm{1},
                                   fovea::add_decayed_weights{0.02}, sgd{.learning_rate = 0.1, .momentum = 0.5}});
}

TEST_CASE("lookahead follows optax") {
  follows_torch("lookahead", fovea::lookahead{fovea::adam{.learning_rate = 3e-2}, 6, 0.4});
  CHECK(fovea::learning_rate_at(fovea::lookahead{sgd{.learning_rate = 0.5}}, 1) == 0.5);
}

TEST_CASE("the adaptive clip of units follows optax") {
  follows_torch("adaptive_clip",
                chain{fovea::adaptive_gradient_clip{.clipping = 0.2}, sgd{.learning_rate = 0.05, .momentum = 0.5}});
  follows_torch("clip_value_adaptive",
                chain{fovea::clip_by_value{0.5}, fovea::adaptive_gradient_clip{.clipping = 0.3, .eps = 0.01},
                      sgd{.learning_rate = 0.05}});
}

TEST_CASE("gradient noise is normal, annealed, and a function of the seed, the step and the place alone") {
  std::size_t const n = 20000;
  std::vector<fovea::detail::parameter_range> const one{{"weight", 0, n}};
  fovea::gradient_noise const noise{.eta = 0.25, .gamma = 2, .seed = 5};
  std::vector<double> first_found;
  for_each_backend([&](auto const& b) {
    auto x = tensor_from(b, std::array{n}, std::vector<double>(n, 0));
    auto const g = tensor_from(b, std::array{n}, std::vector<double>(n, 3));
    fovea::detail::updater update(b, chain{fovea::clip_by_value{10}, noise, sgd{.learning_rate = 1}}, one);
    std::vector<std::vector<double>> drawn_by_step;
    std::vector<double> before(n);
    for (int step = 1; step != 5; ++step) {
      update(b, fovea::data(x), fovea::data(g));
      auto const now = to_doubles(to_vector(x));
      std::vector<double> drawn_now;
      // The update is the gradient, 3, plus the noise of deviation 0.5 / step.
      for (std::size_t i = 0; i != n; ++i) drawn_now.push_back((before[i] - now[i] - 3) / (0.5 / step));
      before = now;
      double sum = 0, squares = 0, fourth = 0, along = 0;
      for (std::size_t i = 0; i != n; ++i) {
        auto const v = drawn_now[i];
        sum += v, squares += v * v, fourth += v * v * v * v;
        if (step > 1) along += v * drawn_by_step.back()[i];
      }
      auto const count = static_cast<double>(n);
      CHECK(std::abs(sum / count) < 4 / std::sqrt(count));  // four standard errors
      CHECK(std::abs(squares / count - 1) < 4 * std::sqrt(2 / count));
      CHECK(std::abs(fourth / count - 3) < 4 * std::sqrt(96 / count));
      CHECK(std::abs(along / count) < 4 / std::sqrt(count));
      drawn_by_step.push_back(drawn_now);
    }
    if (first_found.empty()) first_found = to_doubles(to_vector(x));
    CHECK(max_difference(to_vector(x), first_found) < 2e-5);  // in float, to the rounding of the parameters
  });
  CHECK(noise.draw(1, 7) == noise.draw(1, 7));
  CHECK(noise.draw(1, 7) != noise.draw(2, 7));
  CHECK(noise.draw(1, 7) != noise.draw(1, 8));
  CHECK(noise.draw(1, 7) != fovea::gradient_noise{.seed = 6}.draw(1, 7));
  CHECK(noise.draw(1e8, 7) != noise.draw(1e8 - 67108864, 7));  // 2^26 steps later
}

TEST_CASE("groups follow PyTorch's param_groups, and what is frozen is in no norm") {
  using fovea::group, fovea::groups, fovea::scheduled;
  follows_torch("groups", chain{fovea::clip_by_global_norm{0.5},
                                scheduled{fovea::exponential_decay{.gamma = 0.99},
                                          groups{group{"*.bias", adamw{.learning_rate = 1e-2, .weight_decay = 0}},
                                                 group{"*", adamw{.learning_rate = 3e-2, .weight_decay = 0.1}}}},
                                fovea::ema{0.9}});
  groups const frozen{group{"0.w*", fovea::frozen{}}, group{"?.bias", sgd{.learning_rate = 0.1, .momentum = 0.9}}};
  follows_torch("frozen", chain{fovea::clip_by_global_norm{0.5}, frozen});
  follows_torch("frozen", chain{fovea::clip_by_value{1e9}, fovea::clip_by_global_norm{0.5}, frozen});
}

TEST_CASE("neighbors of one group are one pass, and a bad pattern is a sentence") {
  using fovea::group, fovea::groups;
  std::vector<fovea::detail::parameter_range> const names{{"0.weight", 0, 6}, {"0.bias", 6, 2},    {"1.weight", 8, 2},
                                                          {"1.bias", 10, 2},  {"2.weight", 12, 4}, {"2.bias", 16, 1}};
  counting<float> const b;
  auto const passes_of = [&](auto const& rule) {
    std::vector<float> x(17, 1), g(17, 2);
    fovea::detail::updater update(b, rule, names);
    *b.passes = 0;
    update(b, x.data(), g.data());
    return *b.passes;
  };
  CHECK(passes_of(groups{group{"*", sgd{}}}) == 1);
  CHECK(passes_of(groups{group{"0.*", fovea::frozen{}}, group{"*", sgd{}}}) == 2);
  CHECK(passes_of(groups{group{"*s", sgd{}}, group{"*", sgd{}}}) == 6);
  CHECK(passes_of(groups{group{"1.*", sgd{}}, group{"*", adamw{}}}) == 3);
  CHECK_THROWS_WITH(passes_of(groups{group{"3.*", sgd{}}, group{"*", sgd{}}}),
                    "groups: no parameter matches the pattern \"3.*\"");
  CHECK_THROWS_WITH(passes_of(groups{group{"*", sgd{}}, group{"*.bias", sgd{}}}),
                    "groups: the group of the pattern \"*.bias\" is empty: earlier groups have its parameters");
  CHECK_THROWS_WITH(passes_of(groups{group{"*.bias", sgd{}}}), "groups: parameter \"0.weight\" is in no group");
  CHECK_THROWS_WITH((groups{group{"*", sgd{.learning_rate = -1}}}.validate()),
                    "sgd: learning_rate must be finite and not negative, got -1");
  CHECK(fovea::learning_rate_at(groups{group{"0.*", fovea::frozen{}}, group{"*", sgd{.learning_rate = 0.5}}}, 1) ==
        0.5);
}

TEST_CASE("a trainer's groups are chosen by the names of its parameters") {
  using fovea::group, fovea::groups;
  fovea::host_backend<float> const b;
  fovea::sequential const net{fovea::linear<3, 5>{}, fovea::relu{}, fovea::linear<5, 2>{}};
  auto const with = [&](char const* pattern) {
    return fovea::trainer{
        b, net, fovea::mean_squared_error{},
        fovea::chain{fovea::clip_by_global_norm{1},
                     groups{group{pattern, fovea::frozen{}}, group{"*", sgd{.learning_rate = 0.5}}}, fovea::ema{0.5}}};
  };
  auto t = with("0.*");
  auto const before = to_vector(t.parameters());
  t.step(tensor_from(b, std::array<std::size_t, 2>{4, 3}, drawn(12, 1)),
         tensor_from(b, std::array<std::size_t, 2>{4, 2}, drawn(8, 2)));
  auto const after = to_vector(t.parameters());
  CHECK(std::vector(after.begin(), after.begin() + 20) == std::vector(before.begin(), before.begin() + 20));
  CHECK(std::vector(after.begin() + 20, after.end()) != std::vector(before.begin() + 20, before.end()));
  CHECK(to_vector(t.averaged().parameters()) == after);
  CHECK(t.learning_rate() == 0.5);
  CHECK_THROWS_WITH(with("7.*"), "groups: no parameter matches the pattern \"7.*\"");
}

TEST_CASE("the running statistics of a frozen batch norm stay, those of another one do not") {
  using fovea::group, fovea::groups;
  for_each_backend([](auto const& b) {
    fovea::sequential const net{fovea::linear<3, 4>{}, fovea::batch_norm{}, fovea::linear<4, 4>{}, fovea::batch_norm{},
                                fovea::linear<4, 1>{}};
    auto const x = tensor_from(b, std::array<std::size_t, 2>{6, 3}, drawn(18, 1));
    auto const y = tensor_from(b, std::array<std::size_t, 2>{6, 1}, drawn(6, 2));
    auto const states_after = [&](char const* pattern, auto const& first) {
      fovea::trainer t{b, net, fovea::mean_squared_error{},
                       chain{fovea::clip_by_global_norm{1}, groups{group{pattern, first}, group{"*", sgd{}}}}};
      for (int step = 0; step != 3; ++step) t.step(x, y);
      std::vector<std::vector<double>> all;
      for (auto const& s : std::as_const(t).model().named_states())
        if (s.counts) {
          all.push_back({static_cast<double>(fovea::detail::on_host(b, s.counts, 1)[0])});
        } else {
          auto const numbers = fovea::detail::on_host(b, s.numbers, s.extents.size());
          all.emplace_back(numbers.begin(), numbers.end());
        }
      return all;
    };
    std::vector<double> const zeros(4, 0), ones(4, 1);
    auto const learning =
        states_after("0.*", sgd{});  // 1.running_mean, running_var, num_batches_tracked, then those of 3
    REQUIRE(learning.size() == 6);
    CHECK(learning[0] != zeros);
    CHECK(learning[2] == std::vector<double>{3});
    auto const frozen = states_after("1.*", fovea::frozen{});
    CHECK(frozen[0] == zeros);
    CHECK(frozen[1] == ones);
    CHECK(frozen[2] == std::vector<double>{0});
    CHECK(frozen[3] != zeros);
    CHECK(frozen[5] == std::vector<double>{3});
    auto const in_part = states_after("1.bias", fovea::frozen{});
    CHECK(in_part[0] == learning[0]);
    CHECK(in_part[2] == std::vector<double>{3});
  });
}

TEST_CASE("a chain is one pass over memory, and one more for each measurement") {
  counting<float> const b;
  auto const passes_of = [&](auto const& rule) {
    std::vector<float> x(37, 1), g(37, 2);
    fovea::detail::updater update(b, rule, named);
    *b.passes = 0;
    update(b, x.data(), g.data());
    return *b.passes;
  };
  fovea::clip_by_global_norm const clip{1};
  CHECK(passes_of(adamw{}) == 1);
  CHECK(passes_of(chain{fovea::clip_by_value{1}, fovea::add_decayed_weights{}, adamw{}, fovea::ema{}}) == 1);
  CHECK(passes_of(chain{clip, adamw{}, fovea::ema{}}) == 2);
  CHECK(passes_of(chain{fovea::clip_by_value{1}, clip, adamw{}}) == 2);
  CHECK(passes_of(chain{clip, sgd{}, clip, adamw{}}) == 3);
  CHECK(passes_of(chain{fovea::clip_by_norm{1}, adamw{}}) == 4);   // two for each of two tensors
  CHECK(passes_of(chain{fovea::gradient_noise{}, adamw{}}) == 1);  // and the drawing
  CHECK(passes_of(chain{fovea::adaptive_gradient_clip{}, adamw{}}) == 6);
}

TEST_CASE("a global norm has the same bits for any number of threads") {
  std::size_t const n = 300'000;
  std::vector<fovea::detail::parameter_range> const wide{{"0.weight", 0, n - 7}, {"0.bias", n - 7, 7}};
  auto const updated = [&](std::size_t threads) {
    fovea::xtensor_backend<float> const b{{.threads = threads}};
    auto x = tensor_from(b, std::array{n}, drawn(n, 1));
    auto const g = tensor_from(b, std::array{n}, drawn(n, 2));
    fovea::detail::updater update(
        b, chain{fovea::clip_by_value{0.9}, fovea::clip_by_global_norm{1}, sgd{.learning_rate = 1}}, wide);
    for (int i = 0; i != 3; ++i) update(b, fovea::data(x), fovea::data(g));
    return to_vector(x);
  };
  CHECK(updated(1) == updated(2));
  CHECK(updated(1) == updated(3));
}

TEST_CASE("a chain of one is that one, and decoupled weight decay before Adam is AdamW") {
  for_each_backend([](auto const& b) {
    auto const updated = [&](auto const& rule) {
      auto x = tensor_from(b, std::array<std::size_t, 1>{37}, drawn(37, 1));
      auto const g = tensor_from(b, std::array<std::size_t, 1>{37}, drawn(37, 2));
      fovea::detail::updater update(b, rule, named);
      for (int i = 0; i != 5; ++i) update(b, fovea::data(x), fovea::data(g));
      return to_vector(x);
    };
    auto const expected = updated(adamw{.learning_rate = 0.1});
    CHECK(updated(chain{adamw{.learning_rate = 0.1}}) == expected);
    fovea::clip_by_global_norm const clip{0.5};
    auto const in_parts = chain{chain{clip, adamw{}}, chain{clip, chain{sgd{}}}, fovea::ema{}};
    CHECK(updated(in_parts) == updated(chain{clip, adamw{}, clip, sgd{}, fovea::ema{}}));
    CHECK(updated(chain{fovea::decoupled_weight_decay{.learning_rate = 0.1}, fovea::adam{.learning_rate = 0.1}}) ==
          expected);
    CHECK(updated(fovea::scheduled{fovea::constant_rate{0.5}, chain{fovea::decoupled_weight_decay{.learning_rate = 0.2},
                                                                    fovea::adam{.learning_rate = 0.2}}}) == expected);
  });
}

TEST_CASE("the links of a chain have domains") {
  CHECK_THROWS_WITH((chain{sgd{}, fovea::clip_by_global_norm{-1}}.validate()),
                    "clip_by_global_norm: max_norm must be finite and above 0, got -1");
  CHECK_THROWS_AS(fovea::clip_by_norm{0}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::clip_by_value{std::nan("")}.validate(), fovea::argument_error);
  CHECK_THROWS_WITH(fovea::adaptive_gradient_clip{.clipping = 0}.validate(),
                    "adaptive_gradient_clip: clipping must be finite and above 0, got 0");
  CHECK_THROWS_AS(fovea::adaptive_gradient_clip{.eps = 0}.validate(), fovea::argument_error);
  CHECK_THROWS_WITH(fovea::gradient_noise{.eta = -1}.validate(),
                    "gradient_noise: eta must be finite and not negative, got -1");
  CHECK_THROWS_AS(fovea::gradient_noise{.gamma = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::add_decayed_weights{-1}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::decoupled_weight_decay{.weight_decay = -1}.validate(), fovea::argument_error);
  CHECK_THROWS_WITH((fovea::lookahead{sgd{}, 2.5}.validate()),
                    "lookahead: sync_period must be a whole number above 0, got 2.5");
  CHECK_THROWS_AS((fovea::lookahead{sgd{}, 2, 0}.validate()), fovea::argument_error);
  CHECK_THROWS_AS(fovea::ema{1.5}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::stochastic_weight_averaging{.every = 0}.validate(), fovea::argument_error);
}
