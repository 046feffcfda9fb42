// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

#include "../catch.hpp"

namespace {

constexpr fovea::sequential net{fovea::linear<3, 4>{}, fovea::tanh{}, fovea::linear<4, 1>{}};

/// A dataset whose targets are 1 where the sum of the features is positive.
fovea::dataset<fovea::xtensor_backend<>> rows(std::size_t n, std::uint64_t seed) {
  xt::xtensor<float, 2> x = xt::zeros<float>({n, std::size_t{3}});
  xt::xtensor<float, 1> y = xt::zeros<float>({n});
  for (std::size_t i = 0; i != n; ++i) {
    float sum = 0;
    for (std::size_t j = 0; j != 3; ++j)
      sum += x(i, j) = fovea::uniform<float>(seed, fovea::random_stream::user, 0, 3 * i + j) - 0.5f;
    y(i) = sum > 0 ? 1.f : 0.f;
  }
  return {fovea::xtensor_backend{}, x, y};
}
auto trainer(double learning_rate = 1e-2) {
  return fovea::trainer{fovea::xtensor_backend{},
                        net,
                        fovea::sigmoid_binary_cross_entropy{},
                        fovea::adam{.learning_rate = learning_rate},
                        {.batch_size = 32, .seed = 3}};
}
/// Counts its calls and stops at the given epoch or step.
struct stopper {
  std::size_t stop_epoch = 1000, stop_step = 1000000, steps = 0, epochs = 0, ends = 0;
  bool on_step(fovea::step_report const& r) { return ++steps, r.steps == 4 && steps == stop_step; }
  template <class T> bool on_epoch(fovea::epoch_report const&, T&) { return ++epochs == stop_epoch; }
  template <class T> void on_end(std::vector<fovea::epoch_report> const&, T&) { ++ends; }
};
}  // namespace

TEST_CASE("fit runs epochs and reports loss, validation loss and metrics") {
  auto const train = rows(100, 1), valid = rows(50, 2);
  auto a = trainer(), b = trainer();
  stopper counts;
  auto const history = a.fit(train,
                             {.epochs = 5,
                              .validation = &valid,
                              .metrics = {{"ROC AUC", [](auto p, auto y) { return fovea::roc_auc(p, y); }}}},
                             counts);
  REQUIRE(history.size() == 5);
  for (std::size_t e = 0; e != 5; ++e) {
    CHECK(history[e].epoch == e + 1);
    CHECK(history[e].loss == static_cast<double>(b.epoch(train)));
    REQUIRE(history[e].validation_loss);
    CHECK(*history[e].validation_loss == b.evaluate(valid));
    REQUIRE(history[e].metrics.size() == 1);
    CHECK(history[e].metrics[0].second == fovea::roc_auc(b.predict(valid.features), valid.targets));
  }
  CHECK(history[4].loss < history[0].loss);
  CHECK(counts.steps == 20);
  CHECK(counts.epochs == 5);
  CHECK(counts.ends == 1);
  CHECK(b.evaluate(valid) ==
        Approx(fovea::value(fovea::sigmoid_binary_cross_entropy{}, b.outputs(valid.features), valid.targets)));
}

TEST_CASE("a callback that returns true stops the training after or within an epoch") {
  auto const train = rows(100, 1);
  stopper at_epoch{.stop_epoch = 2}, at_step{.stop_step = 6};
  auto a = trainer(), b = trainer();
  CHECK(a.fit(train, {.epochs = 9}, at_epoch).size() == 2);
  CHECK(at_epoch.ends == 1);
  CHECK(b.fit(train, {.epochs = 9}, at_step).size() == 2);
  CHECK(at_step.steps == 6);
  CHECK(b.steps() == 6);
}

TEST_CASE("early stopping waits for `patience` epochs without improvement") {
  fovea::early_stopping stop{.patience = 2, .min_delta = 0.1};
  int trainer_stand_in = 0;
  auto const at = [&](double loss, double validation) {
    fovea::epoch_report r;
    r.loss = loss, r.validation_loss = validation;
    return stop.on_epoch(r, trainer_stand_in);
  };
  CHECK_FALSE(at(9, 1.0));
  CHECK_FALSE(at(8, 0.95));  // an improvement of less than min_delta
  CHECK_FALSE(at(7, 0.8));
  CHECK_FALSE(at(6, 0.8));
  CHECK(at(5, 0.75));
  CHECK_THROWS_AS(fovea::early_stopping{.patience = 0}.validate(), fovea::argument_error);
}

TEST_CASE("best_weights restores the best weights") {
  auto const train = rows(64, 1), valid = rows(40, 2);
  auto t = trainer(2.0);  // too large a learning rate: the loss oscillates
  fovea::best_weights best{fovea::xtensor_backend{}};
  auto const history = t.fit(train, {.epochs = 12, .validation = &valid}, best);
  double lowest = std::numeric_limits<double>::infinity();
  std::size_t at = 0;
  for (auto const& r : history)
    if (*r.validation_loss < lowest) lowest = *r.validation_loss, at = r.epoch;
  CHECK(best.epoch == at);
  CHECK(at != history.size());
  CHECK(t.evaluate(valid) == lowest);
}

TEST_CASE("best_weights restores the running statistics of the best epoch, too") {
  auto const train = rows(64, 1), valid = rows(40, 2);
  fovea::trainer t{fovea::xtensor_backend{},
                   fovea::sequential{fovea::linear<3, 4>{}, fovea::batch_norm{}, fovea::relu{}, fovea::linear<4, 1>{}},
                   fovea::sigmoid_binary_cross_entropy{},
                   fovea::adam{.learning_rate = 0.3},
                   {.batch_size = 16, .seed = 3}};
  fovea::best_weights best{fovea::xtensor_backend{}};
  auto const history = t.fit(train, {.epochs = 12, .validation = &valid}, best);
  REQUIRE(best.epoch != history.size());
  CHECK(t.evaluate(valid) == history[best.epoch - 1].validation_loss);
  CHECK(t.model().named_states().back().counts[0] == static_cast<std::int64_t>(4 * best.epoch));
}

TEST_CASE("each fit begins anew with callbacks that served another one") {
  auto const train = rows(64, 1), other = rows(64, 9);
  fovea::early_stopping stop{.patience = 2};
  fovea::best_weights best{fovea::xtensor_backend{}};
  auto first = trainer();
  first.fit(train, {.epochs = 20}, stop, best);
  auto reused = trainer(0.1), fresh = trainer(0.1);
  fovea::early_stopping fresh_stop{.patience = 2};
  fovea::best_weights fresh_best{fovea::xtensor_backend{}};
  auto const a = reused.fit(other, {.epochs = 20}, stop, best);
  auto const b = fresh.fit(other, {.epochs = 20}, fresh_stop, fresh_best);
  CHECK(a.size() == b.size());
  CHECK(best.epoch == fresh_best.epoch);
  CHECK((reused.parameters() == fresh.parameters()));

  // A narrower network: no parameter of the wide one is put back.
  fovea::trainer narrow{fovea::xtensor_backend{}, fovea::sequential{fovea::linear<3, 1>{}},
                        fovea::sigmoid_binary_cross_entropy{}, fovea::adam{}};
  auto twin = narrow;
  CHECK(narrow.fit(train, {.epochs = 3}, best).size() == 3);
  twin.fit(train, {.epochs = 3}, fovea::best_weights{fovea::xtensor_backend{}});
  CHECK((narrow.parameters() == twin.parameters()));
}

TEST_CASE("an epoch whose validation loss is NaN is never the best, and fit names it") {
  auto t = trainer();
  fovea::best_weights best{fovea::xtensor_backend{}};
  double const losses[] = {std::numeric_limits<double>::quiet_NaN(), 5, 1, 3};
  for (std::size_t e = 1; e <= 4; ++e) {
    fovea::epoch_report r;
    r.epoch = e, r.loss = 1, r.validation_loss = losses[e - 1];
    best.on_epoch(r, t);
  }
  CHECK(best.epoch == 3);

  auto const train = rows(64, 1);
  auto valid = rows(40, 2);
  auto const nan_metric = [](auto, auto) { return std::numeric_limits<double>::quiet_NaN(); };
  CHECK_THROWS_WITH(t.fit(train, {.epochs = 2, .validation = &valid, .metrics = {{"share", nan_metric}}}),
                    "fit: the metric \"share\" is nan after epoch 1");
  valid.targets(5, 0) = std::numeric_limits<float>::max();  // its squared error overflows
  fovea::trainer squares{fovea::xtensor_backend{}, net, fovea::mean_squared_error{}, fovea::adam{}};
  CHECK_THROWS_WITH(squares.fit(train, {.epochs = 2, .validation = &valid}),
                    "fit: the validation loss is inf after epoch 1");
}

TEST_CASE("validation data that cannot be evaluated is refused before training") {
  auto const train = rows(64, 1);
  auto t = trainer();
  auto const before = t.parameters();
  fovea::dataset<fovea::xtensor_backend<>> const none = rows(0, 1);
  CHECK_THROWS_WITH(t.fit(train, {.validation = &none}), "fit: the validation data set has no rows");
  xt::xtensor<float, 2> const x = xt::zeros<float>({4, 2}), y = xt::zeros<float>({4, 1});
  fovea::dataset<fovea::xtensor_backend<>> const narrow{fovea::xtensor_backend{}, x, y};
  CHECK_THROWS_AS(t.fit(train, {.validation = &narrow}), fovea::shape_error);
  CHECK((t.parameters() == before));
  CHECK(t.steps() == 0);
  CHECK_THROWS_WITH(t.evaluate(none), "trainer: the data set has no rows");
}

namespace {
/// Makes the parameters too large for the loss at the end of an epoch.
struct blow_up {
  std::size_t epoch;
  template <class T> void on_epoch(fovea::epoch_report const& r, T& t) {
    if (r.epoch == epoch) t.parameters()(0) = std::numeric_limits<float>::infinity();
  }
};
/// Counts the calls of on_step with a trainer, and throws at one of them.
struct watcher {
  std::size_t throw_at = 0, begins = 0, steps = 0, ends = 0, history = 0;
  template <class T> void on_begin(T&) { ++begins; }
  template <class T> void on_step(fovea::step_report const&, T& t) {
    if (++steps == throw_at) throw std::runtime_error("no more");
    CHECK(t.steps() != 0);
  }
  template <class T> void on_end(std::vector<fovea::epoch_report> const& h, T&) { ++ends, history = h.size(); }
};
}  // namespace

TEST_CASE("the best weights are restored whatever ends fit") {
  auto const train = rows(64, 1);
  auto t = trainer(), twin = trainer();
  fovea::best_weights best{fovea::xtensor_backend{}}, twin_best{fovea::xtensor_backend{}};
  CHECK_THROWS_AS(t.fit(train, {.epochs = 9}, best, blow_up{4}), fovea::numeric_error);
  twin.fit(train, {.epochs = 4}, twin_best);
  CHECK(best.epoch == twin_best.epoch);
  CHECK((t.parameters() == twin.parameters()));
}

TEST_CASE("on_step may take the trainer, and on_end is called once, after an exception too") {
  auto const train = rows(64, 1);
  auto t = trainer();
  watcher all, some{.throw_at = 3};
  t.fit(train, {.epochs = 2}, all);
  CHECK((all.begins == 1 && all.steps == 4 && all.ends == 1 && all.history == 2));
  CHECK_THROWS_WITH(t.fit(train, {.epochs = 2}, some), "no more");
  CHECK((some.begins == 1 && some.steps == 3 && some.ends == 1 && some.history == 1));
}

TEST_CASE("a loss that is not finite throws an error with epoch, step and rows") {
  auto train = rows(100, 1);
  train.targets(70, 0) = std::numeric_limits<float>::max();  // its squared error overflows
  fovea::trainer t{
      fovea::xtensor_backend{}, net, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 32, .shuffle = false}};
  try {
    t.fit(train, {.epochs = 2});
    FAIL("no error");
  } catch (fovea::numeric_error const& e) {
    CHECK(std::string(e.what()).find("at epoch 1, step 3 of 4 (rows 64 to 95 of the epoch's order)") !=
          std::string::npos);
  }
}

TEST_CASE("progress prints one line per epoch if the output is not a terminal") {
  auto const train = rows(100, 1), valid = rows(50, 2);
  auto* file = std::tmpfile();
  auto t = trainer();
  t.fit(train, {.epochs = 3, .validation = &valid}, fovea::progress{file});
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find("epoch 1/3  loss 0.") == 0);
  CHECK(text.find("validation loss") != std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("fit rejects 0 epochs and metrics without validation data") {
  auto const train = rows(10, 1);
  auto t = trainer();
  CHECK_THROWS_AS(t.fit(train, {.epochs = 0}), fovea::argument_error);
  CHECK_THROWS_AS(t.fit(train, {.metrics = {{"x", [](auto, auto) { return 0.0; }}}}), fovea::argument_error);
}

TEST_CASE("a model returns a parameter as the backend's own tensor type, without a copy") {
  fovea::model m{fovea::xtensor_backend{}, net, 1};
  auto weight = m.parameter("0.weight");
  REQUIRE(weight.dimension() == 2);
  CHECK(weight.shape()[0] == 4);
  CHECK(weight.shape()[1] == 3);
  weight(2, 1) = 7;
  CHECK(m.parameters()(2 * 3 + 1) == 7);
  CHECK_THROWS_WITH(m.parameter("1.weight"),
                    "model: no parameter \"1.weight\"; there are: 0.weight, 0.bias, 2.weight, 2.bias");
}
