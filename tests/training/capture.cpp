// SPDX-License-Identifier: MIT
// Tests a trainer on a backend that can capture a step. The test backend simulates a device on the host: captured work
// runs only when it is replayed, with the arguments that it was captured with.
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include <fovea/fovea.hpp>

#include "../backends.hpp"
#include "../labeled_rows.hpp"
#include "../layers/drawn.hpp"

namespace {

struct counts {
  int captures = 0, replays = 0, verbs = 0;
};

/// Records verbs by value, like a CUDA graph that records kernels and their arguments.
template <class T> struct recording : fovea::host_backend<T> {
  std::shared_ptr<counts> seen = std::make_shared<counts>();
  using list = std::vector<std::function<void()>>;
  std::shared_ptr<list> into = std::make_shared<list>();
  std::shared_ptr<bool> records = std::make_shared<bool>(false), fails = std::make_shared<bool>(false);

  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    run([=, host = fovea::host_backend<T>{}] { host.for_each(d, f, operands...); });
  }
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    run([=, host = fovea::host_backend<T>{}] { host.reduce(d, f, results, operands...); });
  }
  template <class F> void for_each_index(std::size_t n, F const& f) const {
    run([=, host = fovea::host_backend<T>{}] { host.for_each_index(n, f); });
  }
  template <class C, class A, class B, class E = fovea::no_epilogue, class... O>
  void multiply(C const& c, A const& a, B const& b, fovea::product_options options = {}, E const& e = {},
                O const&... operands) const {
    run([=, host = fovea::host_backend<T>{}] { host.multiply(c, a, b, options, e, operands...); });
  }

  struct graph {
    list recorded;
    std::shared_ptr<counts> seen;
    void replay() const {
      ++seen->replays;
      for (auto const& verb : recorded) verb();
    }
  };
  template <class F> graph capture(F const& f) const {
    ++seen->captures;
    into->clear(), *records = true;
    f();
    *records = false;
    if (std::exchange(*fails, false)) throw fovea::device_error("not recorded");
    return {*into, seen};
  }

 private:
  template <class Verb> void run(Verb const& verb) const {
    ++seen->verbs;
    if (*records) into->push_back(verb);
    else verb();
  }
};
static_assert(fovea::backend<recording<float>> && fovea::capturing<recording<float>> &&
              !fovea::capturing<fovea::host_backend<float>>);

constexpr fovea::sequential net{fovea::linear<5, 7>{}, fovea::relu{}, fovea::linear<7, 1>{}};

template <class B> fovea::dataset<B> examples(B const& b, std::size_t rows, std::uint64_t seed) {
  return labeled_rows(rows, 5, seed, [](double const* x) { return x[0] + x[1] > 0; }).on(b);
}
template <class B, class O = fovea::adam>
auto trainer_on(B const& b, bool capture, bool shuffle = true, O const& rule = {.learning_rate = 0.01}) {
  return fovea::trainer{
      b, net, fovea::sigmoid_focal_loss{}, rule, {.batch_size = 16, .seed = 3, .shuffle = shuffle, .capture = capture}};
}

/// Trains, and returns every loss, the means of the epochs and the parameters.
template <class Trainer, class B>
std::vector<double> trained(Trainer& t, fovea::dataset<B> const& data, int epochs = 3) {
  std::vector<double> all;
  for (int e = 0; e != epochs; ++e)
    all.push_back(t.epoch(data, [&](std::size_t, auto const& loss) { all.push_back(loss); }));
  for (auto p : fovea::elements(t.parameters())) all.push_back(static_cast<double>(p));
  all.push_back(static_cast<double>(t.steps()));
  return all;
}

}  // namespace

TEST_CASE("a captured step is recorded once and gives the same bits") {
  for (bool const shuffle : {true, false})
    for (std::size_t const rows : {77u, 80u, 16u, 9u}) {
      INFO(rows << " rows" << (shuffle ? ", shuffled" : ""));
      recording<float> const b;
      auto const data = examples(b, rows, 1);
      auto captured = trainer_on(b, true, shuffle), plain = trainer_on(recording<float>{}, false, shuffle);
      CHECK(trained(captured, data) == trained(plain, examples(plain.model().backend(), rows, 1)));
      int const full =
          3 * static_cast<int>(rows / 16);  // the first step is not replayed, an incomplete batch is not captured
      CHECK(b.seen->captures == (full > 1));
      CHECK(b.seen->replays == std::max(0, full - 1));
    }
}

TEST_CASE("a recorded step follows a schedule in a chain") {
  fovea::chain const rule{
      fovea::clip_by_value{0.25}, fovea::clip_by_global_norm{0.5},
      fovea::scheduled{fovea::warmup_cosine{.warmup_steps = 3, .steps = 12}, fovea::sgd{.learning_rate = 0.5}},
      fovea::ema{0.5}};
  recording<float> const b, c;
  auto captured = trainer_on(b, true, true, rule), plain = trainer_on(c, false, true, rule);
  CHECK(trained(captured, examples(b, 80, 1)) == trained(plain, examples(c, 80, 1)));
  CHECK(b.seen->captures == 1);
  CHECK(captured.learning_rate() == 0);
  auto const average = captured.averaged();
  CHECK(to_vector(average.parameters()) == to_vector(plain.averaged().parameters()));
  CHECK(to_vector(average.parameters()) != to_vector(captured.parameters()));
}

TEST_CASE("the learning rate can change between replays of a recorded step") {
  fovea::sgd const rule{.learning_rate = 0.5};
  recording<float> const b, c;
  auto captured = trainer_on(b, true, true, rule), plain = trainer_on(c, false, true, rule);
  auto const data = examples(b, 80, 1), same = examples(c, 80, 1);
  for (double const factor : {1., 0.25, 2.}) {
    captured.scale_learning_rate(factor), plain.scale_learning_rate(factor);
    CHECK(trained(captured, data) == trained(plain, same));
  }
  CHECK(b.seen->captures == 1);
  CHECK(captured.learning_rate() == 0.25);
  CHECK_THROWS_AS(captured.scale_learning_rate(-1), fovea::argument_error);
}

TEST_CASE("a recorded step accumulates") {
  auto const with = [](auto const& b, bool capture) {
    return fovea::trainer{b,
                          net,
                          fovea::sigmoid_focal_loss{},
                          fovea::adam{.learning_rate = 0.01},
                          {.batch_size = 8, .accumulate = 3, .seed = 3, .capture = capture}};
  };
  for (std::size_t const rows : {72u, 77u, 20u}) {
    recording<float> const b, c;
    auto captured = with(b, true), plain = with(c, false);
    CHECK(trained(captured, examples(b, rows, 1)) == trained(plain, examples(c, rows, 1)));
    CHECK(b.seen->captures == (rows > 24));
    CHECK(b.seen->replays == (rows > 24 ? 8 : 0));
  }
}

TEST_CASE("a loss that is not finite is found in a recorded step") {
  recording<float> const b;
  auto ys = drawn(80, 2);
  ys[70] = (std::numeric_limits<float>::max)();  // its squared error overflows
  fovea::dataset const data{b, tensor_from(b, std::array<std::size_t, 2>{80, 5}, drawn(400, 1)),
                            tensor_from(b, std::array<std::size_t, 2>{80, 1}, ys)};
  for (unsigned const accumulate : {1U, 2U}) {
    auto const trainer = [&] {
      return fovea::trainer{
          b,
          net,
          fovea::mean_squared_error{},
          fovea::adam{},
          {.batch_size = 16 / accumulate, .accumulate = accumulate, .shuffle = false, .capture = true}};
    };
    std::string const place = ", step 5 of 5 (rows 64 to 79 of the epoch's order)";
    auto t = trainer(), fitted = trainer();
    CHECK_THROWS_WITH(t.epoch(data), "trainer: the loss is inf at epoch 1" + place);
    CHECK_THROWS_WITH(fitted.fit(data, {.epochs = 3}), "fit: the loss is inf at epoch 1" + place);
    t = trainer();
    auto const good = examples(b, 80, 1);
    t.fit(good, {.epochs = 2});
    CHECK_THROWS_WITH(t.fit(data, {.epochs = 3}), "fit: the loss is inf at epoch 1" + place);
    CHECK(b.seen->replays != 0);
  }
}

TEST_CASE("a step is recorded again for other data and after buffers have moved") {
  recording<float> const b, c;
  auto captured = trainer_on(b, true), plain = trainer_on(c, false);
  auto const one = examples(b, 64, 1), other = examples(b, 80, 2);
  auto const same = [&](auto const& data) { CHECK(trained(captured, data) == trained(plain, data)); };
  same(one), same(one);
  CHECK(b.seen->captures == 1);
  same(other);
  CHECK(b.seen->captures == 2);
  auto const large = examples(b, 40, 3);  // a larger batch than any before: the workspace grows
  double const loss = captured.step(large.features, large.targets);
  CHECK(loss == double{plain.step(large.features, large.targets)});
  same(other);
  CHECK(b.seen->captures == 3);
  auto parameters = captured.parameters();
  captured.parameters() = std::move(parameters);
  same(other);
  CHECK(b.seen->captures == 4);
  auto moved = std::move(captured);
  CHECK(trained(moved, other) == trained(plain, other));
  CHECK(b.seen->captures == 5);
}

TEST_CASE("a failed capture leaves the trainer unchanged") {
  recording<float> const b, c;
  auto captured = trainer_on(b, true, false), plain = trainer_on(c, false, false);
  auto const data = examples(b, 16, 1);
  captured.epoch(data), plain.epoch(data);
  *b.fails = true;
  CHECK_THROWS_AS(captured.epoch(data), fovea::device_error);
  CHECK(captured.steps() == 1);
  CHECK(trained(captured, data) == trained(plain, data));
}

TEST_CASE("a captured step calls no verb except the replay") {
  recording<float> const b;
  auto captured = trainer_on(b, true);
  auto const data = examples(b, 160, 1);
  captured.epoch(data);
  int const before = b.seen->verbs;
  captured.epoch(data);
  CHECK(b.seen->verbs - before <= 4);  // the verbs at the beginning and the end of the epoch
}

TEST_CASE("a stopped epoch returns the mean over its rows") {
  recording<float> const b, c;
  auto captured = trainer_on(b, true), plain = trainer_on(c, false);
  auto const data = examples(b, 160, 1);
  auto const third = [](std::size_t step, auto const&) { return step == 2; };
  for (int e = 0; e != 3; ++e) CHECK(double{captured.epoch(data, third)} == double{plain.epoch(data, third)});
  CHECK(captured.steps() == 9);
}

TEST_CASE("a trainer with capture rejects a backend that cannot capture") {
  CHECK_THROWS_WITH(trainer_on(fovea::xtensor_backend<float>{}, true),
                    "trainer: this backend cannot capture a step: it has no capture(f)");
}
