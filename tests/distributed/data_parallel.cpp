// SPDX-License-Identifier: MIT
// Training on several ranks, which are threads of this program; see mpi_program.cpp for processes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>
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
  numbers x, y, weights, kept;
  explicit table(std::size_t n = rows, double seed = 0) : x(n * features), y(n), weights(n), kept(n) {
    for (std::size_t i = 0; i != x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i % 977) + seed);
    for (std::size_t i = 0; i != n; ++i) {
      y[i] = x[i * features] * x[i * features + 1] > 0.1 ? 1 : 0;
      weights[i] = 0.5 + static_cast<double>(i % 7), kept[i] = i % 3 == 1 ? 0 : 1;
    }
  }
  auto with(auto const& option) const {
    auto const n = y.size();
    return fovea::dataset(host{}, matrix(x.data(), n, features), matrix(y.data(), n, 1), option);
  }
  /// All data sets but one have weights, so that they are of one type: these templates are compiled once.
  auto data() const { return with(fovea::sample_weights(numbers(y.size(), 1.))); }
  auto weighted() const { return with(fovea::sample_weights(weights)); }
};

fovea::sequential const plain_net{fovea::linear<features, 7>{}, fovea::relu{}, fovea::dropout{0.1},
                                  fovea::linear<7, 1>{}};
/// Normalizes channels of several numbers, and of one.
fovea::sequential const mixing_net{fovea::input<1, features>{},
                                   fovea::batch_norm{.affine = false},
                                   fovea::flatten{},
                                   fovea::linear<features, 7>{},
                                   fovea::batch_norm{},
                                   fovea::relu{},
                                   fovea::linear<7, 1>{}};
/// A clip and a state: what a step changes besides the parameters.
fovea::chain const rule{fovea::clip_by_global_norm{0.5}, fovea::adam{.learning_rate = 3e-3}};

/// A user's schedule and a user's link of a chain, whose members cannot be listed.
class halving {
  double steps_;

 public:
  explicit halving(double steps = 1) : steps_(steps) {}
  double operator()(double step) const { return std::pow(0.5, step / steps_); }
};
class shrinking {
  double factor_;

 public:
  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  explicit shrinking(double factor = 1) : factor_(factor) {}
  coefficients coefficients_at(double) const { return {}; }
  template <fovea::real T> void operator()(coefficients const&, T&, T& slope) const {
    slope = fovea::math::constant<T>(factor_) * slope;
  }
};

struct fails_at_end {
  std::size_t rank;
  void on_end(std::vector<fovea::epoch_report> const&, auto const&) const {
    if (rank == 1) throw std::runtime_error("no disk");
  }
};

/// Counts what a rank, a thread, sends.
struct traffic {
  std::size_t sums = 0, scattered = 0, exchanged = 0;  // calls; numbers
};
thread_local traffic sent;
struct counting : fovea::threads {
  explicit counting(fovea::threads const& c) : fovea::threads(c) {}
  template <class B, class T> void all_reduce(B const& b, std::span<T> all) const {
    ++sent.sums;
    fovea::threads::all_reduce(b, all);
  }
  template <class B, class T> void reduce_scatter(B const& b, std::span<T const> all, std::span<T> own) const {
    sent.scattered += all.size();
    fovea::threads::reduce_scatter(b, all, own);
  }
  template <class B, class T>
  void exchange(B const& b, std::size_t partner, std::span<T const> to, std::span<T> from) const {
    sent.exchanged += to.size();
    fovea::threads::exchange(b, partner, to, from);
  }
};

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
template <class Net, class Options, class Data, class Rule = decltype(rule)>
result trained(Net const& net, Options const& options, Data const& data, int epochs = 4, Rule const& by = rule) {
  fovea::trainer t{host{}, net, fovea::sigmoid_binary_cross_entropy{}, by, options};
  numbers losses;
  for (int e = 0; e != epochs; ++e)
    losses.push_back(t.epoch(data, [&](std::size_t, double loss) { losses.push_back(loss); }));
  return result_of(t, std::move(losses));
}
template <class F> auto on_ranks(std::size_t n, F const& f) {
  std::vector<decltype(f(std::declval<counting const&>()))> all(n);
  fovea::on_threads(n, [&](fovea::threads const& c) { all[c.rank()] = f(counting(c)); });
  for (auto const& one : all) CHECK(one == all[0]);
  return all[0];
}
auto options_on(counting const& c, std::size_t global_batch, gradient_sum sum = gradient_sum::fast,
                std::size_t accumulate = 1) {
  return fovea::parallel_options<counting>{
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
        f(counting(c));
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

TEST_CASE("a step of more rows than a size counts takes all that there are") {
  auto const data = table().data();
  auto const steps = on_ranks(2, [&](auto const& c) {
    fovea::trainer t{
        host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule,
        fovea::parallel_options<counting>{.batch_size = ~(~std::size_t{0} >> 1), .seed = 3, .communicator = c}};
    t.epoch(data);
    return t.steps();
  });
  CHECK(steps == 1);
}

TEST_CASE("ranks train as one does on their batches together") {
  table const all;
  auto const data = all.data(), few = table(3).data();
  auto const weighted = all.weighted();
  for (auto const ranks : counts{2, 3, 4})
    for (auto const sum : {gradient_sum::fast, gradient_sum::reproducible}) {
      if (ranks == 3 && sum == gradient_sum::reproducible) continue;
      auto const close = [&](auto const& rows_of_test, std::size_t batch, std::size_t accumulate, int epochs) {
        auto const run = [&](auto const& c) {
          return trained(plain_net, options_on(c, batch, c.size() == 1 ? gradient_sum::fast : sum, accumulate),
                         rows_of_test, epochs);
        };
        auto const expected = on_ranks(1, run), found = on_ranks(ranks, run);  // one trains as alone
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
  auto const weighted = all.weighted();
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
  REQUIRE(mixed.state.size() == 3 + 15);
  CHECK(mixed.state.back() == 20);  // num_batches_tracked: one for each step
  auto const fast = on_ranks(8, [&](auto const& c) { return trained(mixing_net, options_on(c, 32), even); });
  CHECK(difference(fast.losses, mixed.losses) < 1e-9);  // its ranks are the groups
  CHECK(difference(fast.state, mixed.state) < 1e-9);
}

TEST_CASE("a sharded optimizer updates as a whole one, to the bit, and goes on as one") {
  auto const data = table().data();
  auto const file = std::filesystem::temp_directory_path() / "fovea_distributed_sharded.safetensors";
  auto const run = [&](counting const& c, bool shard, bool load, int epochs) {
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

TEST_CASE("a sharded optimizer that measures nothing gets the sum of its part alone") {
  auto const data = table().data();
  fovea::adam const by{.learning_rate = 3e-3};
  auto const run = [&](counting const& c, gradient_sum sum, bool shard) {
    auto options = options_on(c, 24, sum, 2);
    options.shard_optimizer = shard;
    sent = {};
    auto const found = trained(plain_net, options, data, 3, by);
    // 24 steps of 50 parameters, in parts of n; 4 totals. Besides, what ends an epoch, and is compared before it.
    auto const steps = std::size_t{3 * 4}, n = (50 + c.size() - 1) / c.size(), p = c.size();
    std::size_t scattered = 0, exchanged = 0;
    if (sum == gradient_sum::fast) scattered = shard ? steps * n * p : 0;
    else
      for (std::size_t distance = 1; distance < p; distance *= 2)
        exchanged += steps * (4 + (shard ? p / distance / 2 * n : 50));
    if (sent.scattered != scattered || sent.exchanged != exchanged) throw std::logic_error("other numbers are sent");
    return found;
  };
  for (auto const ranks : counts{2, 3, 4, 8})
    for (auto const sum : {gradient_sum::fast, gradient_sum::reproducible}) {
      if (ranks == 3 && sum == gradient_sum::reproducible) continue;
      auto const whole = on_ranks(ranks, [&](auto const& c) { return run(c, sum, false); });
      CHECK(on_ranks(ranks, [&](auto const& c) { return run(c, sum, true); }) == whole);
    }
}

TEST_CASE("with synchronized statistics, networks that mix rows train as one process does") {
  table const all;
  table const uneven(170);  // in steps of 72: the last batch has 2 rows
  auto const data = all.data(), more = uneven.data(), few = table(3).data();
  auto const masked = uneven.with(fovea::mask(matrix(uneven.kept.data(), uneven.kept.size(), 1)));
  for (auto const ranks : counts{2, 3, 4}) {
    auto const close = [&](auto const& rows_of_test, std::size_t accumulate, int epochs) {
      auto const run = [&](auto const& c) {
        auto options = options_on(c, 24, gradient_sum::fast, accumulate);
        options.synchronize_statistics = true;
        return trained(mixing_net, options, rows_of_test, epochs);
      };
      auto const expected = on_ranks(1, run), found = on_ranks(ranks, run);  // one trains as alone
      CHECK(difference(found.losses, expected.losses) < 1e-9);
      CHECK(difference(found.parameters, expected.parameters) < 1e-9);
      CHECK(difference(found.state, expected.state) < 1e-9);
    };
    close(data, 1, 24);  // 192 steps, the last of an epoch on 5 rows
    close(more, 3, 2);
    close(masked, 3, 2);  // whose divisors are counted
    close(few, 1, 3);     // fewer rows than ranks
  }
  auto const step = [&](auto const& options, std::size_t first, std::size_t n) {
    fovea::trainer t{host{}, mixing_net, fovea::sigmoid_binary_cross_entropy{}, rule, options};
    numbers losses;
    for (int i = 0; i != 3; ++i)
      losses.push_back(t.step(matrix(all.x.data() + first * features, n, features), matrix(all.y.data() + first, n, 1),
                              fovea::sample_weights(matrix(all.weights.data() + first, n, 1)),
                              fovea::reduction::weighted_mean));
    return result_of(t, losses);
  };
  auto const on = [&](auto const& c) {
    auto options = options_on(c, 8);
    options.synchronize_statistics = true;
    return c.size() == 1 ? step(options, 0, 20) : c.rank() == 0 ? step(options, 0, 19) : step(options, 19, 1);
  };
  auto const expected = on_ranks(1, on), found = on_ranks(2, on);
  // A bias before batch norm has the gradient 0, whose rounding Adam divides by its epsilon.
  CHECK(difference(found.losses, expected.losses) < 1e-9);
  CHECK(difference(found.parameters, expected.parameters) < 1e-9);
  CHECK(difference(found.state, expected.state) < 1e-9);
  auto const one = table(1).data();
  CHECK(message_of(2, [&](counting const& c) {
          auto options = options_on(c, 24);
          options.synchronize_statistics = true;
          trained(mixing_net, options, one);
        }).find("a batch of 1 row has one value for each channel") != std::string::npos);
}

TEST_CASE("divisors above 2^24 are summed as doubles, of floats too") {
  using floats = fovea::host_backend<float>;
  fovea::on_threads(2, [&](fovea::threads const& c) {
    fovea::trainer t{floats{},
                     fovea::sequential{fovea::linear<1, 1>{}},
                     fovea::mean_squared_error{},
                     fovea::sgd{},
                     {.communicator = c}};
    std::fill_n(fovea::data(t.parameters()), fovea::size(t.parameters()), 0.f);
    std::vector<float> const x{1}, y{c.rank() == 0 ? 0.f : 4096.f}, w{c.rank() == 0 ? 16777216.f : 1.f};
    auto const row = [](std::vector<float> const& from) {
      return fovea::matrix_span<floats, float const>{from.data(), extents({1, 1})};
    };
    double const loss = t.step(row(x), row(y), fovea::weights(row(w)), fovea::reduction::weighted_mean);
    if (loss != 16777216. / 16777217.) throw std::logic_error("another loss");
  });
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
  auto const on = [&](auto const& c) {
    auto const o = options_on(c, 8);
    return c.size() == 1 ? step(o, 0, 20) : c.rank() == 0 ? step(o, 0, 13) : step(o, 13, 7);
  };
  auto const expected = on_ranks(1, on), found = on_ranks(2, on);
  CHECK(difference(found.losses, expected.losses) < 1e-12);
  CHECK(difference(found.parameters, expected.parameters) < 1e-12);
}

TEST_CASE("a batch that one rank cannot take is an error on all, and the next one is not") {
  table const all(20);
  auto const said = message_of(3, [&](counting const& c) {
    auto const step = [&](auto const& options, std::size_t n, std::size_t columns) {
      fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options};
      auto const x = matrix(all.x.data(), n, columns), y = matrix(all.y.data(), n, 1);
      try {
        t.step(x, y);
      } catch (std::exception const&) {
        auto const good = matrix(all.x.data(), 4, features);
        double const loss = t.step(good, matrix(all.y.data(), 4, 1));
        if (!(loss > 0) || t.steps() != 1) throw std::logic_error("the ranks are at different calls");
        throw;
      }
    };
    step(options_on(c, 8), 4, c.rank() == 2 ? 4 : features);
  });
  CHECK(said.starts_with("rank 2: "));
  CHECK(message_of(2, [&](counting const& c) {
          fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options_on(c, 8)};
          t.gradients(matrix(all.x.data(), c.rank() == 1 ? 0 : 4, features),
                      matrix(all.y.data(), c.rank() == 1 ? 0 : 4, 1));
        }) == "rank 1: trainer: a step needs at least one row");
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
  auto const message = [](auto const& f) { return message_of(3, [&](counting const& c) { f(c, c.rank() == 2); }); };
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
  // what the types do not say
  auto const numbers_of = [&](auto const& loss, auto const& by) {
    return [&, loss, by](auto const& c, bool odd) {
      fovea::trainer{host{}, plain_net, odd ? loss.second : loss.first, odd ? by.second : by.first, options_on(c, 24)}
          .epoch(data);
    };
  };
  fovea::sigmoid_focal_loss const focal{};
  auto const by = [](double norm, double epsilon, double steps, double factor) {
    return fovea::chain{fovea::clip_by_global_norm{norm}, shrinking{factor},
                        fovea::scheduled{halving{steps}, fovea::adam{.epsilon = epsilon}}};
  };
  auto const of_optimizer = std::string("trainer: rank 2 has another optimizer, in its numbers,") + same;
  auto const usual = by(1, 1e-8, 1000, 0.5);
  for (auto const& other_rule :
       {by(1.5, 1e-8, 1000, 0.5), by(1, 1.1e-8, 1000, 0.5), by(1, 1e-8, 1001, 0.5), by(1, 1e-8, 1000, 0.501)})
    CHECK(message(numbers_of(std::pair{focal, focal}, std::pair{usual, other_rule})) == of_optimizer);
  CHECK(message(numbers_of(std::pair{focal, fovea::sigmoid_focal_loss{.gamma = 2.5}}, std::pair{usual, usual})) ==
        std::string("trainer: rank 2 has another loss, in its numbers,") + same);
}

TEST_CASE("a rank that fails in an epoch ends all") {
  auto const data = table().data();
  std::vector<std::string> said(2);
  auto const run = [&] {
    fovea::on_threads(2, [&](fovea::threads const& c) {
      fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options_on(counting(c), 24)};
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
    return message_of(ranks, [&](counting const& c) {
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
  CHECK(message(1, [](auto& o) { o.capture = true; }) ==
        "trainer: a step of the reproducible sum is not captured; its groups are, got 8");
  CHECK(message(2, [](auto& o) {
          o.synchronize_statistics = true;
        }).ends_with("so synchronize_statistics needs the fast sum; groups are, got 8"));
}

TEST_CASE("fit agrees: reports, stops and checkpoints, which resume on other numbers of ranks") {
  auto const data = table().data(), valid = table(50, 1).data();
  auto const folder = std::filesystem::temp_directory_path() / "fovea_distributed_checkpoints";
  auto const fitted = [&](counting const& c, std::size_t epochs, bool resume) {
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
    sent = {};
    t.fit(data, {.epochs = 9}, stop_on_last_rank{c.rank()});
    // of each step one for the gradient and one for the stop; of each epoch one for the stop
    if (sent.sums != 2 * t.steps() + 2) throw std::logic_error("another number of sums");
    return t.steps();
  });
  CHECK(steps == 8 + 3);

  CHECK(message_of(2, [&](counting const& c) {
          fovea::trainer t{host{}, plain_net, fovea::sigmoid_binary_cross_entropy{}, rule, options_on(c, 24)};
          t.fit(data, {.epochs = 1}, fails_at_end{c.rank()});
        }) == "rank 1: no disk");
}
