// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fovea/layers/sequential.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/check_targets.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/training/frozen_model.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "../labeled_rows.hpp"
#include "../layers/drawn.hpp"

using fovea::adam;
using fovea::dataset;
using fovea::linear;
using fovea::sequential;
using fovea::sgd;
using fovea::trainer;

namespace {

constexpr sequential net{linear<29, 16>{}, fovea::relu{}, linear<16, 1>{}};
constexpr fovea::sigmoid_focal_loss loss{.gamma = 2};

/// Rows of 29 features; a target is 1 if the first two features have the same sign.
labeled_rows examples(std::size_t n) {
  return {n, 29, n, [](double const* x) { return x[0] * x[1] > 0; }};
}

/// Returns the given rows of a tensor (N, width), in this order.
template <class B, class T> auto taken(B const& b, T const& from, std::vector<std::size_t> const& rows) {
  auto const all = to_vector(from);
  auto const width = fovea::shape_of(from)[1];
  std::vector<value_type_of<B>> numbers;
  for (auto r : rows)
    numbers.insert(numbers.end(), all.begin() + static_cast<std::ptrdiff_t>(r * width),
                   all.begin() + static_cast<std::ptrdiff_t>((r + 1) * width));
  return tensor_from(b, std::array{rows.size(), width}, numbers);
}

/// The expected epoch, implemented with `step`: returns the losses and computes their mean over the rows.
template <class Trainer, class B, class Order>
std::vector<double> stepwise(Trainer& t, B const& b, dataset<B> const& data, std::size_t batch, Order const& order,
                             double& mean) {
  std::vector<double> losses;
  mean = 0;
  for (std::size_t first = 0; first < data.rows(); first += batch) {
    std::vector<std::size_t> rows;
    for (auto i = first; i != std::min(first + batch, data.rows()); ++i)
      rows.push_back(static_cast<std::size_t>(order(i)));
    losses.push_back(t.step(taken(b, data.features, rows), taken(b, data.targets, rows)));
    mean += losses.back() * static_cast<double>(rows.size()) / static_cast<double>(data.rows());
  }
  return losses;
}

/// Returns the parameters after two epochs.
template <class B> auto trained(B const& b, std::uint64_t seed, std::size_t batch = 32) {
  trainer t{b, net, loss, adam{}, {.batch_size = batch, .seed = seed}};
  auto const data = examples(1000).on(b);
  t.epoch(data), t.epoch(data);
  return to_vector(t.parameters());
}

}  // namespace

TEST_CASE("an epoch equals the steps of its batches, in order or shuffled") {
  auto const some = examples(203);  // the last batch has 11 rows
  for_each_backend([&](auto const& b) {
    auto const data = some.on(b);
    for (bool const shuffle : {false, true}) {
      trainer whole{b, net, loss, adam{}, {.batch_size = 32, .seed = 9, .shuffle = shuffle}};
      trainer parts{b, net, loss, adam{}, {.batch_size = 32, .seed = 9, .shuffle = shuffle}};
      for (std::uint32_t epoch = 0; epoch != 3; ++epoch) {
        INFO("epoch " << epoch << (shuffle ? ", shuffled" : ""));
        std::vector<double> losses;
        std::vector<std::size_t> numbers;
        double const mean = whole.epoch(
            data, [&](std::size_t number, double value) { numbers.push_back(number), losses.push_back(value); });
        double expected_mean;
        fovea::permutation const shuffled(data.rows(), 9, epoch);
        auto const expected = stepwise(
            parts, b, data, 32, [&](std::size_t i) { return shuffle ? shuffled(i) : i; }, expected_mean);
        CHECK(losses == expected);
        CHECK(numbers == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6});
        CHECK(mean == Approx(expected_mean).epsilon(1e-13));
        CHECK(to_vector(whole.parameters()) == to_vector(parts.parameters()));
      }
      CHECK(whole.steps() == 21);
    }
  });
}

TEST_CASE("every shuffled epoch takes every row once, in a different order") {
  auto const some = examples(100);
  for_each_backend([&](auto const& b) {
    auto const data = some.on(b);
    trainer t{b, net, loss, sgd{.learning_rate = 0}, {.batch_size = 1}};
    std::array<std::vector<double>, 2> losses;
    for (auto& of_epoch : losses) t.epoch(data, [&](std::size_t, double value) { of_epoch.push_back(value); });
    CHECK(losses[0] != losses[1]);
    for (auto& of_epoch : losses) std::ranges::sort(of_epoch);
    CHECK(losses[0] == losses[1]);
  });
}

TEST_CASE("a batch may be larger than the data, and a step larger than a batch") {
  auto const some = examples(50);
  for_each_backend([&](auto const& b) {
    auto const data = some.on(b);
    trainer long_batch{b, net, loss, adam{}, {.batch_size = 1000, .shuffle = false}};
    trainer short_batch{b, net, loss, adam{}, {.batch_size = 3, .shuffle = false}};
    double const mean = long_batch.epoch(data);
    CHECK(double{short_batch.step(data.features, data.targets)} == Approx(mean).epsilon(1e-15));
    CHECK(to_vector(long_batch.parameters()) == to_vector(short_batch.parameters()));
  });
}

TEST_CASE("training lowers the loss") {
  auto const some = examples(1000);
  for_each_backend([&](auto const& b) {
    auto const data = some.on(b);
    trainer t{b, net, loss, adam{.learning_rate = 1e-2}, {.batch_size = 16}};
    double const first = t.epoch(data);
    double last = first;
    for (int i = 0; i != 30; ++i) last = t.epoch(data);
    CHECK(last < 0.5 * first);
  });
}

TEST_CASE("the same seed gives the same training on every backend, and the same bits for any number of threads") {
  auto const expected = trained(fovea::host_backend<double>{}, 4);
  for_each_backend([&](auto const& b) {
    auto const found = trained(b, 4);
    double farthest = 0;
    for (std::size_t i = 0; i != found.size(); ++i)
      farthest = std::max(farthest, std::abs(double{found[i]} - expected[i]));
    CHECK(farthest < by_precision(b, 1e-5, 1e-12));
    CHECK(trained(b, 4) == found);
    CHECK(trained(b, 5) != found);
  });
#if !defined(__CUDACC__)
  for (std::size_t const batch : {32u, 1000u})
    for (std::size_t const threads : {2u, 3u})
      CHECK(trained(fovea::xtensor_backend{{.threads = threads}}, 4, batch) ==
            trained(fovea::xtensor_backend{}, 4, batch));
#endif
}

#if !defined(__CUDACC__)
TEST_CASE("two threads train a wide network to the same bits as one") {
  auto const run = [](std::size_t threads) {
    fovea::xtensor_backend const b{{.threads = threads}};
    trainer t{b,
              sequential{linear{64, 300}, fovea::tanh{}, linear{300, 10}},
              fovea::mean_squared_error{},
              adam{},
              {.batch_size = 700}};
    dataset const data{b, tensor_from(b, std::array<std::size_t, 2>{2000, 64}, drawn(128000, 1)),
                       tensor_from(b, std::array<std::size_t, 2>{2000, 10}, drawn(20000, 2))};
    t.epoch(data);
    return std::pair{to_vector(t.parameters()), to_vector(t.predict(data.features))};
  };
  CHECK(run(1) == run(2));
}
#endif

TEST_CASE("trainers in different threads are independent") {
  for_each_backend([](auto const& b) {
    using T = value_type_of<decltype(b)>;
    std::array<std::vector<T>, 2> found;
    {
      std::array<std::jthread, 2> const threads{std::jthread([&] { found[0] = trained(b, 1); }),
                                                std::jthread([&] { found[1] = trained(b, 2); })};
    }
    CHECK(found[0] == trained(b, 1));
    CHECK(found[1] == trained(b, 2));
  });
}

TEST_CASE("a trainer predicts like its model") {
  for_each_backend([](auto const& b) {
    auto const data = examples(600).on(b);
    trainer t{b, net, loss, adam{}};
    auto into = tensor_from(b, std::array<std::size_t, 2>{600, 1}, std::vector<double>(600));
    t.predict(data.features, into);
    CHECK(to_vector(into) == to_vector(t.model().predict(data.features)));
    CHECK(to_vector(into) == to_vector(t.predict(data.features)));
    t.outputs(data.features, into);
    CHECK(to_vector(into) == to_vector(t.outputs(data.features)));
    CHECK(to_vector(into) != to_vector(t.predict(data.features)));
  });
}

TEST_CASE("a trainer rejects tensors of the wrong shape and datasets without rows") {
  for_each_backend([](auto const& b) {
    trainer t{b, net, loss, adam{}};
    auto const empty = [&](std::size_t rows, std::size_t columns) {
      return tensor_from(b, std::array{rows, columns}, std::vector<double>(rows * columns));
    };
    auto const before = to_vector(t.parameters());
    CHECK_THROWS_WITH(t.step(empty(4, 28), empty(4, 1)),
                      "trainer: x has shape (4, 28), y (4, 1); expected (rows, 29) and (rows, 1)");
    CHECK_THROWS_AS(t.step(empty(4, 29), empty(5, 1)), fovea::shape_error);
    CHECK_THROWS_AS(t.step(empty(4, 29), empty(4, 2)), fovea::shape_error);
    CHECK_THROWS_AS(t.step(empty(4, 29), tensor_from(b, std::array<std::size_t, 1>{4}, std::vector<double>(4))),
                    fovea::shape_error);
    CHECK_THROWS_WITH(t.epoch(dataset{b, empty(0, 29), empty(0, 1)}), "trainer: the data set has no rows");
    CHECK_THROWS_AS(t.epoch(dataset{b, empty(4, 29), empty(4, 2)}), fovea::shape_error);
    auto wrong = empty(3, 1);
    CHECK_THROWS_AS(t.predict(empty(4, 29), wrong), fovea::shape_error);
    CHECK(to_vector(t.parameters()) == before);
    CHECK(t.steps() == 0);
  });
}

TEST_CASE("a trainer rejects invalid options, losses and optimizers") {
  main_backend<float> const b;
  CHECK_THROWS_WITH((trainer{b, net, loss, adam{}, {.batch_size = 0}}),
                    "trainer: batch_size must be at least 1, got 0");
  CHECK_THROWS_AS((trainer{b, net, fovea::sigmoid_focal_loss{.gamma = -1}, adam{}}), fovea::argument_error);
  CHECK_THROWS_AS((trainer{b, net, loss, adam{.learning_rate = -1}}), fovea::argument_error);
  CHECK_THROWS_AS((trainer{b, sequential{linear{0, 1}}, fovea::mean_squared_error{}, adam{}}), fovea::argument_error);
}

TEST_CASE("a step on no rows throws argument_error") {
  main_backend<float> const b;
  trainer t{b, net, loss, adam{}};
  auto const none = b.empty<float>(std::array<std::size_t, 2>{0, 29}),
             no_targets = b.empty<float>(std::array<std::size_t, 2>{0, 1});
  CHECK_THROWS_WITH(t.step(none, no_targets), "trainer: a step needs at least one row");
  CHECK(t.steps() == 0);
}

TEST_CASE("a dataset's targets have shape (N, outputs), also if made from (N)") {
  for_each_backend([](auto const& b) {
    auto const x = tensor_from(b, std::array<std::size_t, 2>{6, 2}, drawn(12, 1));
    auto const numbers = drawn(6, 2);
    dataset const flat{b, x, tensor_from(b, std::array<std::size_t, 1>{6}, numbers)};
    dataset const column{b, x, tensor_from(b, std::array<std::size_t, 2>{6, 1}, numbers)};
    CHECK(to_string(fovea::shape_of(flat.targets)) == "(6, 1)");
    CHECK(to_vector(flat.targets) == to_vector(column.targets));
    CHECK(to_vector(flat.features) == to_vector(x));
    dataset const wide{b, x, tensor_from(b, std::array<std::size_t, 2>{6, 3}, drawn(18, 3))};
    CHECK(to_string(fovea::shape_of(wide.targets)) == "(6, 3)");
    trainer t{b, sequential{linear{2, 3}}, fovea::mean_squared_error{}, sgd{}, {.batch_size = 4}};
    CHECK(double{t.epoch(wide)} > 0);

    CHECK_THROWS_WITH((dataset{b, x, tensor_from(b, std::array<std::size_t, 1>{5}, drawn(5, 2))}),
                      "dataset: features have shape (6, 2), targets (5, 1)");
    dataset const cubes{b, x, tensor_from(b, std::array<std::size_t, 3>{6, 1, 1}, numbers)};
    CHECK(to_string(fovea::shape_of(cubes.targets)) == "(6, 1)");
  });
}

TEST_CASE("a dataset takes ownership of the backend's tensors without a copy") {
  for_each_backend([](auto const& b) {
    auto const made = [&](std::size_t rows, std::size_t columns) {
      return tensor_from(b, std::array<std::size_t, 2>{rows, columns}, drawn(rows * columns, 1));
    };
    auto x = made(6, 2), y = made(6, 3);
    auto const before = to_vector(y);
    auto const* const there = fovea::data(x);
    dataset const taken{b, std::move(x), std::move(y)};
    CHECK(fovea::data(taken.features) == there);
    CHECK(to_vector(taken.targets) == before);
    CHECK_THROWS_WITH((dataset{b, made(6, 2), made(5, 1)}), "dataset: features have shape (6, 2), targets (5, 1)");
  });
}

TEST_CASE("a dataset has a table's columns in the requested order") {
  fovea::table const table{{"a", "y", "b"}, {{1, 2, 3}, {0, 1, 0}, {10, 20, 30}}};
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    dataset const data{b, table, std::array<std::string, 2>{"b", "a"}, "y"};
    CHECK(data.rows() == 3);
    CHECK(to_vector(data.features) == std::vector<T>{10, 1, 20, 2, 30, 3});
    CHECK(to_vector(data.targets) == std::vector<T>{0, 1, 0});
    CHECK_THROWS_AS((dataset{b, table, std::array<std::string, 1>{"c"}, "y"}), fovea::argument_error);
  });
}

TEST_CASE("a dataset rejects a table with numbers that are not finite, and reports the column and row") {
  auto const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  std::array<std::string, 2> const names{"a", "b"};
  for_each_backend([&](auto const& b) {
    fovea::table table{{"a", "b", "y"}, {{1, 2}, {3, nan}, {0, 1}}};
    CHECK_THROWS_WITH((dataset{b, table, names, "y"}), "dataset: column \"b\", row 1: nan is not a finite number");
    CHECK_THROWS_AS((dataset{b, table, names, "y"}), fovea::numeric_error);
    table.columns[1][1] = -infinity;
    CHECK_THROWS_WITH((dataset{b, table, names, "y"}), "dataset: column \"b\", row 1: -inf is not a finite number");
    table.columns[1][1] = 4;
    CHECK_NOTHROW(dataset{b, table, names, "y"});
    table.columns[2][0] = nan;
    CHECK_THROWS_WITH((dataset{b, table, names, "y"}), "dataset: column \"y\", row 0: nan is not a finite number");
    table.columns[2][0] = 1e300;
    if constexpr (std::is_same_v<value_type_of<decltype(b)>, float>)
      CHECK_THROWS_WITH((dataset{b, table, names, "y"}),
                        "dataset: column \"y\", row 0: 1e+300 is not in the range of the backend's value type");
    else CHECK_NOTHROW(dataset{b, table, names, "y"});
  });
}

TEST_CASE("an epoch within an epoch is refused, and harms neither") {
  fovea::host_backend<float> const b;
  auto const data = examples(40).on(b);
  trainer t{b, net, loss, adam{}, {.batch_size = 16}};
  CHECK_THROWS_WITH(t.epoch(data, [&](std::size_t, double) { t.epoch(data); }),
                    "trainer: epoch is called while an epoch runs, such as by its on_step");
  CHECK(t.steps() == 1);
  t.epoch(data, [&](std::size_t step, double) {
    if (step != 0) return;
    auto copy = t;
    CHECK_NOTHROW(copy.epoch(data));  // goes on after the step
    CHECK(copy.steps() == 4);
  });
  CHECK(t.steps() == 4);
}

TEST_CASE("a batch size beyond the rows means all rows, however large it is") {
  auto const most = std::numeric_limits<std::size_t>::max();
  auto const some = examples(50);
  for_each_backend([&](auto const& b) {
    auto const data = some.on(b);
    trainer whole{b, net, loss, adam{}, {.batch_size = 50, .seed = 4}};
    whole.epoch(data), whole.epoch(data);
    for (std::size_t const size : {std::size_t{51}, std::size_t{1} << 60, most - 1, most}) {
      trainer t{b, net, loss, adam{}, {.batch_size = size, .seed = 4}};
      t.epoch(data), t.fit(data, {.epochs = 1});
      CHECK(t.steps() == 2);
      CHECK(to_vector(t.parameters()) == to_vector(whole.parameters()));
    }
  });
}

TEST_CASE("a trainer rejects targets outside the loss's range before it trains, and reports the row") {
  for_each_backend([](auto const& b) {
    trainer t{b, net, loss, adam{}, {.batch_size = 16}};
    auto const before = to_vector(t.parameters());
    auto const holding = [&](std::size_t row, double target) {
      auto some = examples(50);
      some.targets[row] = target;
      return some.on(b);
    };
    auto const [below, above, nan] = std::tuple{holding(0, -1e-3), holding(49, 2), holding(17, std::nan(""))};
    auto const good = examples(50).on(b);
    CHECK_THROWS_WITH(t.epoch(above), "trainer: the loss takes targets in [0, 1], got 2 in row 49");
    CHECK_THROWS_WITH(t.fit(above, {.epochs = 1}), "trainer: the loss takes targets in [0, 1], got 2 in row 49");
    CHECK_THROWS_WITH(t.fit(good, {.epochs = 1, .validation = &nan}),
                      "trainer: the loss takes targets in [0, 1], got nan in row 17");
    CHECK_THROWS_AS(t.evaluate(below), fovea::argument_error);
    CHECK(to_vector(t.parameters()) == before);
    CHECK_NOTHROW(t.evaluate(holding(7, 0.5)));

    trainer squares{b, net, fovea::mean_squared_error{}, adam{}};
    CHECK_NOTHROW(squares.epoch(above));
    CHECK_THROWS_WITH(squares.epoch(nan), "trainer: a target is nan in row 17");
  });
}

TEST_CASE("a trainer rejects features that are not finite before it trains, and reports feature and row") {
  for_each_backend([](auto const& b) {
    trainer t{b, net, loss, adam{}, {.batch_size = 16}};
    auto const before = to_vector(t.parameters());
    auto const holding = [&](std::size_t row, std::size_t column, double x) {
      auto some = examples(50);
      some.features[row * 29 + column] = x;
      return some.on(b);
    };
    auto const nan = holding(49, 28, std::nan("")), infinite = holding(0, 3, -std::numeric_limits<double>::infinity());
    CHECK_THROWS_WITH(t.epoch(nan), "trainer: feature 28 of row 49 is nan");
    CHECK_THROWS_WITH(t.fit(nan, {.epochs = 1}), "trainer: feature 28 of row 49 is nan");
    auto const good = examples(50).on(b);
    CHECK_THROWS_WITH(t.fit(good, {.epochs = 1, .validation = &infinite}), "trainer: feature 3 of row 0 is -inf");
    CHECK_THROWS_AS(t.evaluate(nan), fovea::numeric_error);
    CHECK(to_vector(t.parameters()) == before);
  });
}

TEST_CASE("an epoch looks at every data set, also at one in the memory of another") {
  trainer t{fovea::host_backend<float>{}, net, loss, adam{}};
  for (double target : {0., 1., 2.}) {
    auto some = examples(5);
    some.targets[1] = target;
    auto const data = some.on(fovea::host_backend<float>{});
    if (target <= 1) CHECK_NOTHROW(t.epoch(data));
    else CHECK_THROWS_AS(t.epoch(data), fovea::argument_error);
  }
}

TEST_CASE("check_targets names the first target outside the loss's range, for tensors of any origin") {
  std::vector<float> const good{0, 0.5f, 1}, bad{0, 1, -0.25f, 7};
  CHECK_NOTHROW(fovea::check_targets(loss, good));
  CHECK_NOTHROW(fovea::check_targets(fovea::mean_squared_error{}, bad));
  CHECK_THROWS_WITH(fovea::check_targets(fovea::host_backend<float>{}, loss, bad),
                    "check_targets: the loss takes targets in [0, 1], got -0.25 at element 2");
  auto const infinity = std::numeric_limits<double>::infinity();
  CHECK_NOTHROW(fovea::check_targets(loss, good, fovea::weights(std::vector<int>{0, 2, 1})));
  CHECK_THROWS_WITH(fovea::check_targets(loss, good, fovea::reduction::sum, fovea::sample_weights(bad)),
                    "check_targets: sample weights must be finite and not negative, got -0.25 at element 2");
  CHECK_THROWS_AS(fovea::check_targets(loss, good, fovea::weights(std::vector<double>{1, infinity, 1})),
                  fovea::numeric_error);
  CHECK_NOTHROW(fovea::check_predictions(fovea::binary_cross_entropy{}, good));
  CHECK_NOTHROW(fovea::check_predictions(loss, bad));
  CHECK_THROWS_WITH(fovea::check_predictions(fovea::focal_loss{}, bad),
                    "check_predictions: the loss takes predictions in [0, 1], got -0.25 at element 2");
}

TEST_CASE("a trainer rejects weights that are negative or not finite before it trains, and reports the row") {
  fovea::host_backend<float> const b;
  auto const holding = [&](double weight, auto option) {
    auto const some = examples(5);
    std::vector<double> w(5, 1);
    w[3] = weight;
    auto const all = some.on(b);
    return fovea::dataset{b, all.features, all.targets, option(w)};
  };
  auto const sample = [](std::vector<double> const& w) { return fovea::sample_weights(w); };
  trainer t{b, net, loss, adam{}};
  CHECK_THROWS_WITH(t.epoch(holding(-1, sample)),
                    "trainer: sample weights must be finite and not negative, got -1 in row 3");
  CHECK_THROWS_AS(t.evaluate(holding(-1, sample)), fovea::argument_error);
  CHECK_THROWS_WITH(t.fit(holding(std::nan(""), [](auto const& w) { return fovea::weights(w); }), {.epochs = 1}),
                    "trainer: weights must be finite and not negative, got nan in row 3");
  CHECK(t.steps() == 0);
  CHECK_NOTHROW(t.epoch(holding(0, sample)));
}

TEST_CASE("a trainer rejects outputs outside the range of a loss on probabilities") {
  fovea::host_backend<float> const b;
  constexpr fovea::sequential chances{net, fovea::sigmoid{}};
  auto const good = examples(50).on(b);
  trainer t{b, net, fovea::binary_cross_entropy{}, adam{}};
  CHECK_THROWS_WITH(t.epoch(good),
                    ContainsSubstring("trainer: the loss takes predictions in [0, 1], got ") &&
                        ContainsSubstring("end the network in a layer of that range, such as sigmoid{}"));
  CHECK_THROWS_AS(t.evaluate(good), fovea::argument_error);
  CHECK(t.steps() == 0);
  trainer right{b, chances, fovea::focal_loss{}, adam{}};
  CHECK_NOTHROW(right.fit(good, {.epochs = 1, .validation = &good}));
}

TEST_CASE("an epsilon that is 0 in the backend's value type is refused") {
  CHECK_THROWS_WITH((trainer{fovea::host_backend<float>{}, net, loss, adam{.epsilon = 1e-60}}),
                    "adam: epsilon must not round to 0 or to a denormal number of the backend's type, got 1e-60");
  CHECK_THROWS_AS((trainer{fovea::host_backend<float>{}, net, loss, fovea::adamw{.epsilon = 1e-60}}),
                  fovea::argument_error);
  CHECK_NOTHROW(trainer{fovea::host_backend<double>{}, net, loss, adam{.epsilon = 1e-60}});
  CHECK_NOTHROW(trainer{fovea::host_backend<float>{}, net, loss, adam{.epsilon = 0}});
}

TEST_CASE("a prediction overwrites nothing that it reads, and a step reads nothing that it writes") {
  fovea::host_backend<float> const b;
  using B = fovea::host_backend<float>;
  trainer t{b, sequential{linear<4, 4>{}}, fovea::mean_squared_error{}, sgd{}};
  auto const rows_at = [](float* first, std::size_t rows) {
    return fovea::matrix_span<B, float>{first, fovea::extents<fovea::dynamic, fovea::dynamic>({rows, 4})};
  };
  std::vector<float> memory(24, 0.5f), other(20, 1.f);
  auto const before = memory;
  auto const x = rows_at(memory.data(), 5), apart = rows_at(other.data(), 5);
  auto const parameters = to_vector(t.parameters());
  auto const frozen = fovea::freeze(t);
  for (std::size_t const shift : {0u, 4u}) {
    auto const over = rows_at(memory.data() + shift, 5);
    CHECK_THROWS_WITH(t.predict(x, over), "predict: the result overlaps x, which later rows still read");
    CHECK_THROWS_AS(t.outputs(x, over), fovea::argument_error);
    CHECK_THROWS_AS(frozen.predict(x, over), fovea::argument_error);
  }
  CHECK_THROWS_WITH(t.predict(x, rows_at(fovea::data(t.parameters()), 5)),
                    "predict: the result overlaps the parameters, which later rows still read");
  CHECK_NOTHROW(t.predict(x, apart));
  auto const of_gradient = rows_at(fovea::data(t.gradient()), 5);
  auto const refused = [&](auto const& features, auto const& targets, auto const&... options) {
    CHECK_THROWS_WITH(t.step(features, targets, options...),
                      "trainer: a tensor of the step shares memory with gradient(), which the step writes");
    CHECK_THROWS_AS(t.gradients(features, targets, options...), fovea::argument_error);
  };
  refused(of_gradient, x), refused(x, of_gradient);
  refused(x, x, fovea::weights(of_gradient)), refused(x, x, fovea::mask(of_gradient));
  CHECK(memory == before);
  CHECK(to_vector(t.parameters()) == parameters);
  CHECK(t.steps() == 0);
}
