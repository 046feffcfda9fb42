// SPDX-License-Identifier: MIT
// Training on several ranks, which are threads of this program; see mpi_program.cpp for processes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/distributed/threads.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/checkpoint.hpp>

#include "../catch.hpp"

namespace {

using host = fovea::host_backend<double>;
using fovea::gradient_sum;
using numbers = std::vector<double>;
using counts = std::initializer_list<std::size_t>;

constexpr std::size_t rows = 173, features = 5;

using extents = fovea::extents<fovea::dynamic, fovea::dynamic>;
auto matrix(double const* from, std::size_t n, std::size_t columns) {
  return fovea::matrix_span<host, double const>{from, extents({n, columns})};
}

/// Rows whose classes a network can learn, with weights; the seed makes other ones.
struct table {
  numbers x, y, weights;
  explicit table(std::size_t n = rows, double seed = 0) : x(n * features), y(n), weights(n) {
    for (std::size_t i = 0; i != x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i % 977) + seed);
    for (std::size_t i = 0; i != n; ++i) {
      y[i] = x[i * features] * x[i * features + 1] > 0.1 ? 1 : 0;
      weights[i] = 0.5 + static_cast<double>(i % 7);
    }
  }
  template <class... O> auto data(O const&... options) const {
    auto const n = y.size();
    return fovea::dataset(host{}, matrix(x.data(), n, features), matrix(y.data(), n, 1), options...);
  }
};

fovea::sequential const plain_net{fovea::linear<features, 7>{}, fovea::relu{}, fovea::dropout{0.1},
                                  fovea::linear<7, 1>{}};
fovea::sequential const mixing_net{fovea::linear<features, 7>{}, fovea::batch_norm{}, fovea::relu{},
                                   fovea::linear<7, 1>{}};
/// A clip and a state: what a step changes besides the parameters.
fovea::chain const rule{fovea::clip_by_global_norm{0.5}, fovea::adam{.learning_rate = 3e-3}};

struct result {
  numbers losses, parameters, state;
  bool operator==(result const&) const = default;
};
template <class Trainer> result result_of(Trainer& t, numbers losses) {
  result r{std::move(losses), {}, {}};
  auto const& p = t.parameters();
  r.parameters.assign(fovea::data(p), fovea::data(p) + fovea::size(p));
  for (auto const& s : t.model().named_states()) {
    if (s.counts) r.state.push_back(static_cast<double>(*s.counts));
    else r.state.insert(r.state.end(), s.numbers, s.numbers + s.extents.size());
  }
  return r;
}
/// Trains for some epochs; the losses are those of the steps and of the epochs.
template <class Net, class Options, class Data>
result trained(Net const& net, Options const& options, Data const& data, int epochs = 4) {
  fovea::trainer t{host{}, net, fovea::sigmoid_binary_cross_entropy{}, rule, options};
  numbers losses;
  for (int e = 0; e != epochs; ++e)
    losses.push_back(t.epoch(data, [&](std::size_t, double loss) { losses.push_back(loss); }));
  return result_of(t, std::move(losses));
}
template <class F> auto on_ranks(std::size_t n, F const& f) {
  std::vector<decltype(f(std::declval<fovea::threads const&>()))> all(n);
  fovea::on_threads(n, [&](fovea::threads const& c) { all[c.rank()] = f(c); });
  for (auto const& one : all) CHECK(one == all[0]);
  return all[0];
}
auto options_on(fovea::threads const& c, std::size_t global_batch, gradient_sum sum = gradient_sum::fast,
                std::size_t accumulate = 1) {
  return fovea::parallel_options<fovea::threads>{
      .batch_size = global_batch / c.size(), .accumulate = accumulate, .seed = 3, .communicator = c, .sum = sum};
}
double difference(numbers const& a, numbers const& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i != a.size(); ++i) most = (std::max)(most, std::abs(a[i] - b[i]));
  return most;
}
std::string message_of(std::size_t ranks, auto const& f) {
  std::vector<std::string> said(ranks);
  try {
    fovea::on_threads(ranks, [&](fovea::threads const& c) {
      try {
        f(c);
      } catch (std::exception const& e) {
        said[c.rank()] = e.what();
        throw;
      }
    });
  } catch (std::exception const&) {
  }
  for (auto const& one : said) CHECK(one.ends_with(said.back()));  // which may be preceded by the rank
  return said[0];
}

}  // namespace

TEST_CASE("one rank trains as alone, to the bit") {
  auto const data = table().data();
  auto const alone = trained(plain_net, fovea::trainer_options{.batch_size = 24, .accumulate = 2, .seed = 3}, data);
  CHECK(on_ranks(1, [&](auto const& c) {
          return trained(plain_net, options_on(c, 24, gradient_sum::fast, 2), data);
        }) == alone);
}

TEST_CASE("ranks train as one does on their batches together") {
  table const all;
  auto const data = all.data(), few = table(3).data();
  auto const weighted = all.data(fovea::sample_weights(all.weights));
  auto const options = [](std::size_t batch, std::size_t accumulate) {
    return fovea::trainer_options{.batch_size = batch, .accumulate = accumulate, .seed = 3};
  };
  for (auto const ranks : counts{2, 3, 4})
    for (auto const sum : {gradient_sum::fast, gradient_sum::reproducible}) {
      if (ranks == 3 && sum == gradient_sum::reproducible) continue;
      auto const close = [&](auto const& rows_of_test, std::size_t batch, std::size_t accumulate, int epochs) {
        auto const expected = trained(plain_net, options(batch, accumulate), rows_of_test, epochs);
        auto const found = on_ranks(ranks, [&](auto const& c) {
          return trained(plain_net, options_on(c, batch, sum, accumulate), rows_of_test, epochs);
        });
        CHECK(difference(found.losses, expected.losses) < 1e-9);
        CHECK(difference(found.parameters, expected.parameters) < 1e-9);
      };
      close(data, 24, 1, 24);  // 192 steps; the last of an epoch is on 5 rows
      close(data, 24, 3, 2);
      close(weighted, 24, 2, 2);
      close(few, 12, 1, 3);  // fewer rows than ranks
    }
}

TEST_CASE("the reproducible sum gives the same bits on 1, 2, 4 and 8 ranks") {
  table const all;
  auto const data = all.data(), few = table(3).data();
  auto const weighted = all.data(fovea::sample_weights(all.weights));
  auto const same = [](auto const& net, auto const& rows_of_test, std::size_t batch, std::size_t accumulate) {
    std::vector<result> found;
    for (auto const ranks : counts{1, 2, 4, 8})
      found.push_back(on_ranks(ranks, [&](auto const& c) {
        return trained(net, options_on(c, batch, gradient_sum::reproducible, accumulate), rows_of_test);
      }));
    for (auto const& one : found) CHECK(one == found[0]);
    return found[0];
  };
  same(plain_net, data, 24, 3);
  same(plain_net, weighted, 16, 1);
  same(plain_net, few, 16, 1);
  // 173 rows in steps of 32 end with one of 13, whose groups may have one row: batch norm needs more
  auto const even = table(160).data();
  auto const mixed = same(mixing_net, even, 32, 1);
  REQUIRE(mixed.state.size() == 15);
  CHECK(mixed.state.back() == 20);  // num_batches_tracked: one for each step
  auto const fast = on_ranks(8, [&](auto const& c) { return trained(mixing_net, options_on(c, 32), even); });
  CHECK(difference(fast.losses, mixed.losses) < 1e-9);  // its ranks are the groups
  CHECK(difference(fast.state, mixed.state) < 1e-9);
}

TEST_CASE("a sharded optimizer updates as a whole one, to the bit, and goes on as one") {
  auto const data = table().data();
  auto const file = std::filesystem::temp_directory_path() / "fovea_distributed_sharded.safetensors";
  auto const run = [&](fovea::threads const& c, bool shard, bool load, int epochs) {
    auto options = options_on(c, 24, gradient_sum::reproducible);
    options.shard_optimizer = shard;
    fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options};
    if (load) fovea::load_checkpoint(t, file);
    numbers losses;
    for (int e = 0; e != epochs; ++e) losses.push_back(t.epoch(data));
    auto const slice = (50 + c.size() - 1) / c.size();  // of 50 parameters with two numbers each
    auto const own = (std::min)(slice, 50 - (std::min)(std::size_t{50}, c.rank() * slice));
    if (t.optimizer_state_size() != 2 * (shard ? own : 50)) throw std::logic_error("the state has another size");
    fovea::save_checkpoint(t, file);
    return result_of(t, losses);
  };
  auto const whole = on_ranks(2, [&](auto const& c) { return run(c, false, false, 5); });
  for (auto const ranks : counts{1, 2, 4, 8})
    CHECK(on_ranks(ranks, [&](auto const& c) { return run(c, true, false, 5); }) == whole);
  on_ranks(8, [&](auto const& c) { return run(c, true, false, 3); });
  auto const plain = on_ranks(2, [&](auto const& c) { return run(c, false, true, 2); });
  CHECK(plain.parameters == whole.parameters);
  on_ranks(1, [&](auto const& c) { return run(c, false, false, 3); });
  CHECK(on_ranks(4, [&](auto const& c) { return run(c, true, true, 2); }).parameters == whole.parameters);
  std::filesystem::remove(file);
}

TEST_CASE("steps on batches that each rank brings") {
  table const all(20);
  auto const step = [&](auto const& options, std::size_t first, std::size_t n) {
    fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options};
    numbers losses;
    for (int i = 0; i != 3; ++i)
      losses.push_back(
          t.step(matrix(all.x.data() + first * features, n, features), matrix(all.y.data() + first, n, 1)));
    return result_of(t, losses);
  };
  auto const expected = step(fovea::trainer_options{.seed = 3}, 0, 20);
  auto const found = on_ranks(
      2, [&](auto const& c) { return c.rank() == 0 ? step(options_on(c, 8), 0, 13) : step(options_on(c, 8), 13, 7); });
  CHECK(difference(found.losses, expected.losses) < 1e-12);
  CHECK(difference(found.parameters, expected.parameters) < 1e-12);
}

TEST_CASE("the first rank's state is that of all") {
  auto const data = table().data();
  auto const with_own_start = [&](auto const& c) {
    fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options_on(c, 24)};
    for (std::size_t i = 0; i != fovea::size(t.parameters()); ++i)
      fovea::data(t.parameters())[i] += static_cast<double>(c.rank());
    t.epoch(data);
    return result_of(t, {}).parameters;
  };
  CHECK(on_ranks(2, with_own_start) ==
        on_ranks(2, [&](auto const& c) { return trained(plain_net, options_on(c, 24), data, 1).parameters; }));
}

TEST_CASE("ranks that differ are an error on all of them before the first step") {
  auto const data = table().data(), other = table(rows, 1).data(), shorter = table(100).data();
  auto const message = [](auto const& f) {
    return message_of(3, [&](fovea::threads const& c) { f(c, c.rank() == 2); });
  };
  auto const same = " than rank 0; all ranks must have the same";
  CHECK(message([&](auto const& c, bool odd) { trained(plain_net, options_on(c, odd ? 27 : 24), data); }) ==
        std::string("trainer: rank 2 has another options") + same);
  CHECK(message([&](auto const& c, bool odd) { trained(plain_net, options_on(c, 24), odd ? other : data); }) ==
        std::string("trainer: rank 2 has another data set") + same);
  CHECK(message([&](auto const& c, bool odd) { trained(plain_net, options_on(c, 24), odd ? shorter : data); }) ==
        std::string("trainer: rank 2 has another data set") + same);
  CHECK(message([&](auto const& c, bool odd) {
          if (odd) trained(mixing_net, options_on(c, 24), data);
          else trained(plain_net, options_on(c, 24), data);
        }) == std::string("trainer: rank 2 has another network") + same);
  // what only one rank finds wrong
  CHECK(message([&](auto const& c, bool odd) {
          auto wrong = table();
          wrong.y[7] = 2;
          trained(plain_net, options_on(c, 24), odd ? wrong.data() : data);
        }).ends_with("the loss takes targets in [0, 1], got 2 in row 7"));
}

TEST_CASE("a rank that fails in an epoch ends all") {
  auto const data = table().data();
  std::vector<std::string> said(2);
  auto const run = [&] {
    fovea::on_threads(2, [&](fovea::threads const& c) {
      fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options_on(c, 24)};
      try {
        t.epoch(data, [&](std::size_t step, double) {
          if (c.rank() == 1 && step == 2) throw std::runtime_error("no paper");
        });
      } catch (std::exception const& e) {
        said[c.rank()] = e.what();
        throw;
      }
    });
  };
  CHECK_THROWS_AS(run(), std::exception);
  CHECK(said == std::vector<std::string>{"rank 1 failed: no paper", "no paper"});
}

TEST_CASE("bad options are sentences") {
  auto const message = [](std::size_t ranks, auto const& change) {
    return message_of(ranks, [&](fovea::threads const& c) {
      auto options = options_on(c, 24, gradient_sum::reproducible);
      change(options);
      fovea::trainer{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options};
    });
  };
  CHECK(message(3, [](auto&) {}) ==
        "trainer: the number of ranks must divide the groups of the reproducible sum, got 3");
  CHECK(message(2, [](auto& o) { o.groups = 6; }) == "trainer: groups must be a power of two, got 6");
  CHECK(message(2, [](auto& o) { o.capture = true; }) ==
        "trainer: a step of several ranks is not captured; the number of ranks is, got 2");
}

TEST_CASE("fit agrees: reports, stops and checkpoints, which resume on other numbers of ranks") {
  auto const data = table().data(), valid = table(50, 1).data();
  auto const folder = std::filesystem::temp_directory_path() / "fovea_distributed_checkpoints";
  auto const fitted = [&](fovea::threads const& c, std::size_t epochs, bool resume) {
    fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule,
                     options_on(c, 24, gradient_sum::reproducible)};
    auto const history =
        t.fit(data, {.epochs = epochs, .validation = &valid}, fovea::early_stopping{.patience = 50},
              fovea::checkpoints{.folder = folder, .every_steps = 3, .resume = resume, .log = nullptr});
    numbers losses;
    for (auto const& r : history) losses.insert(losses.end(), {r.loss, *r.validation_loss});
    return result_of(t, losses);
  };
  std::filesystem::remove_all(folder);
  auto const whole = on_ranks(4, [&](auto const& c) { return fitted(c, 6, false); });
  for (auto const ranks : counts{1, 2, 8}) {
    std::filesystem::remove_all(folder);
    on_ranks(4, [&](auto const& c) { return fitted(c, 3, false); });
    CHECK(on_ranks(ranks, [&](auto const& c) { return fitted(c, 6, true); }) == whole);
  }
  // resumed within an epoch: only the checkpoint of step 6 is left
  std::filesystem::remove_all(folder);
  on_ranks(4, [&](auto const& c) { return fitted(c, 1, false); });
  for (auto const& file : std::filesystem::directory_iterator(folder))
    if (file.path().filename().string().find("06.") == std::string::npos) std::filesystem::remove(file.path());
  CHECK(on_ranks(2, [&](auto const& c) { return fitted(c, 6, true); }) == whole);
  std::filesystem::remove_all(folder);

  struct stop_on_last_rank {
    std::size_t rank;
    bool on_step(fovea::step_report const& r) { return rank == 1 && r.epoch == 2 && r.step == 3; }
  };
  auto const steps = on_ranks(2, [&](auto const& c) {
    fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options_on(c, 24)};
    t.fit(data, {.epochs = 9}, stop_on_last_rank{c.rank()});
    return t.steps();
  });
  CHECK(steps == 8 + 3);
}
