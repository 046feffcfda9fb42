// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/checkpoint.hpp>

#include "../catch.hpp"
#include "safetensors_support.hpp"

using namespace safetensors_test;

namespace {

constexpr std::size_t rows = 53;
/// With state, with random numbers, and with an optimizer that measures and averages.
constexpr fovea::sequential net{fovea::linear<3, 4>{}, fovea::batch_norm{}, fovea::relu{}, fovea::dropout{0.2},
                                fovea::linear<4, 1>{}};
constexpr fovea::chain rule{fovea::clip_by_global_norm{1}, fovea::adamw{.learning_rate = 1e-2},
                            fovea::ema{.decay = 0.9}};

template <class B> auto made_rows(B const& b, std::size_t n = rows, float shift = 0) {
  using T = typename B::value_type;
  auto x = b.template empty<T>(std::array<std::size_t, 2>{n, 3});
  auto y = b.template empty<T>(std::array<std::size_t, 1>{n});
  for (std::size_t i = 0; i != n; ++i) {
    for (std::size_t j = 0; j != 3; ++j)
      fovea::data(x)[3 * i + j] = fovea::uniform<T>(1, fovea::random_stream::user, 0, 3 * i + j) - T(0.5) + T(shift);
    fovea::data(y)[i] = fovea::data(x)[3 * i] > 0 ? T(1) : T(0);
  }
  return fovea::dataset<B>{b, x, y};
}
template <class B> auto made_trainer(B const& b, fovea::trainer_options o = {.batch_size = 8, .seed = 3}) {
  return fovea::trainer{b, net, fovea::sigmoid_binary_cross_entropy{}, rule, o};
}
template <class Trainer> auto weights_of(Trainer const& t) {
  auto const& p = t.parameters();
  return std::vector<typename Trainer::value_type>(fovea::data(p), fovea::data(p) + fovea::size(p));
}
template <class F> void on_each_backend(F const& f) {
  f(fovea::host_backend<double>{});
  f(fovea::xtensor_backend<float>{});
}

struct killed : std::runtime_error {
  killed() : std::runtime_error("killed") {}
};
/// Ends a run by an exception at a step, as a signal would.
struct killer {
  std::size_t at, seen = 0;
  void on_step(fovea::step_report const&) {
    if (++seen == at) throw killed();
  }
};
/// The same after an epoch, when the callbacks before it have seen its report.
struct killer_of_epochs {
  std::size_t left;
  template <class T> void on_epoch(fovea::epoch_report const&, T&) {
    if (left-- == 0) throw killed();
  }
};
/// Decides by what it has seen: sums the losses and stops at a limit.
struct summing {
  double limit, sum = 0;
  std::size_t calls = 0;
  template <class T> void on_begin(T&) { sum = 0, calls = 0; }
  bool on_step(fovea::step_report const& r) { return ++calls, (sum += r.loss) > limit; }
  template <class Visit> void for_each_state(Visit&& visit) { visit("sum", sum), visit("calls", calls); }
};

std::string error_of(auto const& f) {
  try {
    f();
  } catch (fovea::argument_error const& e) {
    return e.what();
  }
  return "no argument_error";
}
void write(std::filesystem::path const& to, std::string const& content) {
  std::ofstream(to, std::ios::binary) << content;
}

}  // namespace

TEST_CASE_METHOD(folder, "a trainer that loads a checkpoint goes on to the bit, from any step", "[checkpoint_steps]") {
  on_each_backend([&](auto const& b) {
    auto const data = made_rows(b);
    for (fovea::trainer_options const& o :
         {fovea::trainer_options{.batch_size = 8, .seed = 3},
          fovea::trainer_options{.batch_size = 5, .accumulate = 3, .seed = 4, .drop_last = true},
          fovea::trainer_options{.batch_size = 100, .shuffle = false}}) {
      auto whole = made_trainer(b, o);
      std::vector<double> losses;
      std::size_t steps = 0;
      for (int epoch = 0; epoch != 3; ++epoch)
        losses.push_back(whole.epoch(
            data, [&](std::size_t, double) { save_checkpoint(whole, path / ("at" + std::to_string(++steps))); }));
      for (std::size_t from = 1; from <= steps; ++from) {
        auto again = made_trainer(b, o);
        load_checkpoint(again, path / ("at" + std::to_string(from)));
        CHECK(again.steps() == from);
        auto const of_epoch = steps / 3;
        std::vector<double> rest;
        for (auto epoch = (from - 1) / of_epoch; epoch != 3; ++epoch) rest.push_back(again.epoch(data));
        CHECK(again.steps() == steps);
        CHECK(weights_of(again) == weights_of(whole));
        CHECK(weights_of(again) != weights_of(made_trainer(b, o)));
        CHECK(rest == std::vector<double>(losses.end() - static_cast<std::ptrdiff_t>(rest.size()), losses.end()));
        auto const averaged = again.averaged(), expected = whole.averaged();
        CHECK(std::equal(fovea::data(averaged.parameters()),
                         fovea::data(averaged.parameters()) + fovea::size(averaged.parameters()),
                         fovea::data(expected.parameters())));
      }
    }
  });
}

TEST_CASE_METHOD(folder, "a run that ends at any step and is resumed ends as an uninterrupted one",
                 "[checkpoint_fit]") {
  on_each_backend([&](auto const& b) {
    auto const data = made_rows(b), validation = made_rows(b, 20, 0.1f);
    auto const options = fovea::fit_options<std::remove_const_t<decltype(data)>>{
        .epochs = 4,
        .validation = &validation,
        .metrics = {{"ROC AUC", [](auto p, auto y) { return fovea::roc_auc(p, y); }}}};
    auto whole = made_trainer(b);
    summing sum{.limit = 17};
    fovea::reduce_on_plateau const plateau{
        .monitor = "ROC AUC", .mode = fovea::larger_is_better, .patience = 0, .threshold = 0.9};
    fovea::best_weights best_of_whole{b, {.monitor = "ROC AUC", .mode = fovea::larger_is_better}};
    auto const history = whole.fit(data, options, sum, fovea::reduce_on_plateau(plateau), best_of_whole);
    CHECK(history.back().learning_rate < history.front().learning_rate);
    REQUIRE(history.size() > 1);
    for (std::size_t const every_steps : {0u, 1u, 3u})
      for (std::size_t const interval : {1u, 4u, 9u}) {
        std::filesystem::remove_all(path / "run");
        std::size_t runs = 0;
        std::ostringstream log;
        for (bool done = false; !done; ++runs) {
          REQUIRE(runs < 100);
          auto again = made_trainer(b);
          summing seen{.limit = 17};
          fovea::best_weights best{b, {.monitor = "ROC AUC", .mode = fovea::larger_is_better}};
          try {
            auto const resumed = again.fit(
                data, options,
                fovea::checkpoints{
                    .folder = path / "run", .every_steps = every_steps, .best = true, .resume = true, .log = &log},
                seen, fovea::reduce_on_plateau(plateau), best, killer{interval + (every_steps != 1 ? 7 : 1)});
            done = true;
            CHECK(weights_of(again) == weights_of(whole));
            CHECK(seen.sum == sum.sum);
            CHECK(seen.calls == sum.calls);
            CHECK(best.epoch == best_of_whole.epoch);
            REQUIRE(resumed.size() == history.size());
            for (std::size_t e = 0; e != history.size(); ++e) {
              CHECK(resumed[e].loss == history[e].loss);
              CHECK(resumed[e].validation_loss == history[e].validation_loss);
              CHECK(resumed[e].metrics == history[e].metrics);
              CHECK(resumed[e].learning_rate == history[e].learning_rate);
            }
          } catch (killed const&) {
          }
        }
        CHECK(runs > 1);
        CHECK(log.str().find("going on from") != std::string::npos);
      }
    fovea::model lowest{b, net, 0, fovea::sigmoid{}};  // of the validation loss
    fovea::load(lowest, path / "run/best.safetensors");
    auto const epoch = std::ranges::min_element(history, {}, [](auto const& r) { return r.validation_loss; });
    CHECK(fovea::value(fovea::binary_cross_entropy{}, lowest.predict(validation.features), validation.targets) ==
          Approx(*epoch->validation_loss));
    // a run that has ended stays as it is
    auto ended = made_trainer(b);
    fovea::best_weights best{b, {.monitor = "ROC AUC", .mode = fovea::larger_is_better}};
    std::ostringstream log;
    auto const same = ended.fit(data, options, fovea::checkpoints{.folder = path / "run", .resume = true, .log = &log},
                                summing{.limit = 17}, fovea::reduce_on_plateau(plateau), best, killer{1});
    CHECK(same.size() == history.size());
    CHECK(weights_of(ended) == weights_of(whole));
    std::filesystem::remove_all(path / "run");
  });
}

TEST_CASE_METHOD(folder, "a resumed run's logs have each epoch once", "[checkpoint_logs]") {
  fovea::host_backend<float> const b;
  auto const data = made_rows(b);
  auto const csv = path / "log.csv", json = path / "log.jsonl";
  for (bool const append : {false, true}) {
    write(csv, "epoch,loss,learning_rate,seconds,rows_per_second\n7,1,1,1,1\n8,"), write(json, "{}\n{\"epoch\"");
    std::size_t runs = 0;
    std::vector<fovea::epoch_report> history;
    for (bool done = false; !done; ++runs) {
      REQUIRE(runs < 20);
      auto t = made_trainer(b);
      try {
        history = t.fit(
            data, {.epochs = 7},
            fovea::checkpoints{.folder = path / "run", .every = 2, .every_steps = 5, .resume = true, .log = nullptr},
            fovea::csv_log{csv, append}, fovea::json_lines_log{json, append}, killer_of_epochs{1});
        done = true;
      } catch (killed const&) {
        if (runs == 1) std::ofstream(csv, std::ios::app) << "3,0.1", std::ofstream(json, std::ios::app) << "{";
      }
    }
    CHECK(runs > 3);
    auto const log = fovea::read_csv(csv);
    auto const expected =
        append ? std::vector<double>{7, 1, 2, 3, 4, 5, 6, 7} : std::vector<double>{1, 2, 3, 4, 5, 6, 7};
    CHECK(log.columns[0] == expected);
    for (std::size_t e = 0; e != 7; ++e) CHECK(log.columns[1][e + append] == history[e].loss);
    std::ifstream lines(json);
    std::string line;
    if (append) REQUIRE((std::getline(lines, line) && line == "{}"));
    for (std::size_t e = 0; e != 7; ++e) {
      REQUIRE(std::getline(lines, line));
      CHECK(nlohmann::json::parse(line).at("epoch") == e + 1);
    }
    CHECK_FALSE(std::getline(lines, line));
    auto other = made_trainer(b);  // whose reports have other columns
    CHECK_THROWS_AS(other.fit(data, {.epochs = 8, .validation = &data},
                              fovea::checkpoints{.folder = path / "run", .resume = true, .log = nullptr},
                              fovea::csv_log{csv, append}, fovea::json_lines_log{json, append}, killer_of_epochs{9}),
                    fovea::argument_error);
    std::filesystem::remove_all(path / "run");
  }
}

TEST_CASE_METHOD(folder, "a checkpoint goes on on another backend, to rounding", "[checkpoint_backends]") {
  fovea::host_backend<float> const from;
  fovea::xtensor_backend<float> const to{{.threads = 2}};
  auto whole = made_trainer(from);
  auto const data = made_rows(from);
  whole.epoch(data, [&](std::size_t step, double) {
    if (step == 3) save_checkpoint(whole, file);
  });
  double const mean = whole.epoch(data);
  auto again = made_trainer(to);
  load_checkpoint(again, file);
  auto const same = made_rows(to);
  again.epoch(same);
  CHECK(static_cast<double>(again.epoch(same)) == Approx(mean).epsilon(1e-5));
  // but the bias before batch_norm: its gradient is rounding errors alone, which Adam scales to steps
  auto const found = std::as_const(again).model().named_parameters();
  auto const expected = std::as_const(whole).model().named_parameters();
  for (std::size_t p = 0; p != expected.size(); ++p)
    for (std::size_t i = 0; expected[p].name != "0.bias" && i != expected[p].extents.size(); ++i)
      CHECK(found[p].elements.elements[i] == Approx(expected[p].elements.elements[i]).epsilon(1e-4).margin(1e-5));
}

TEST_CASE_METHOD(folder, "a damaged checkpoint is passed over, and one before it used", "[checkpoint_damage]") {
  fovea::host_backend<float> const b;
  auto const data = made_rows(b);
  auto whole = made_trainer(b);
  whole.fit(data, {.epochs = 3}, fovea::checkpoints{.folder = path / "run"});
  auto const newest = path / "run/step-000000000021.safetensors", before = path / "run/step-000000000014.safetensors";
  auto const good = bytes_of(newest);
  auto const resumes = [&] {
    auto again = made_trainer(b);
    std::ostringstream log;
    again.fit(data, {.epochs = 3}, fovea::checkpoints{.folder = path / "run", .keep = 9, .resume = true, .log = &log});
    CHECK(weights_of(again) == weights_of(whole));
    return log.str();
  };
  CHECK(resumes().find("after 21 steps and 3 epochs") != std::string::npos);
  for (std::size_t const bytes : {std::size_t{0}, std::size_t{7}, std::size_t{100}, good.size() - 1}) {
    write(newest, good.substr(0, bytes));
    auto const log = resumes();
    CHECK(log.find("step-000000000021") != std::string::npos);
    CHECK(log.find("after 14 steps and 2 epochs") != std::string::npos);
  }
  auto const version = 8 * (good.find("\"version\":\"1\"") + 11);
  std::vector<std::size_t> bits;
  for (std::size_t bit = 0; bit < 8 * good.size(); bit += 331) bits.push_back(bit);
  for (std::size_t bit = version; bit != version + 8; ++bit) bits.push_back(bit);
  for (auto const bit : bits) {
    auto flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    write(newest, flipped);
    auto again = made_trainer(b);
    bool refused = false;
    try {
      load_checkpoint(again, newest);
    } catch (fovea::io_error const&) {
      refused = true;
    }
    INFO("bit " << bit);
    CHECK(refused);
    CHECK(weights_of(again) == weights_of(made_trainer(b)));
  }
  for (auto const& one : std::filesystem::directory_iterator(path / "run")) write(one.path(), "torn");
  auto none = made_trainer(b);
  std::ostringstream log;
  CHECK_THROWS_AS(
      none.fit(data, {.epochs = 3}, fovea::checkpoints{.folder = path / "run", .resume = true, .log = &log}),
      fovea::io_error);
}

TEST_CASE_METHOD(folder, "a checkpoint of another run is refused with both, and nothing changes",
                 "[checkpoint_refused]") {
  fovea::host_backend<float> const b;
  auto const data = made_rows(b);
  auto whole = made_trainer(b);
  auto const saved = path / "run/step-000000000007.safetensors";
  whole.fit(data, {.epochs = 1}, fovea::checkpoints{.folder = path / "run"}, summing{.limit = 1e9});
  auto const refused = [&](auto t, std::vector<std::string> const& parts) {
    auto const begin = weights_of(t);
    auto const message = error_of([&] { load_checkpoint(t, saved); });
    for (auto const& part : parts) CHECK_THAT(message, ContainsSubstring(part));
    CHECK(weights_of(t) == begin);
    CHECK(t.steps() == 0);
  };
  fovea::sigmoid_binary_cross_entropy const loss;
  fovea::trainer_options const o{.batch_size = 8, .seed = 3};
  using namespace fovea;
  refused(
      trainer{b, sequential{linear<3, 4>{}, batch_norm{}, fovea::tanh{}, dropout{0.2}, linear<4, 1>{}}, loss, rule, o},
      {"another network", "relu", "tanh"});
  refused(trainer{b, net, sigmoid_focal_loss{}, rule, o},
          {"another loss: sigmoid_binary_cross_entropy; here it is sigmoid_focal_loss"});
  refused(trainer{b, net, loss, adamw{}, o}, {"another optimizer", "here it is adamw"});
  refused(made_trainer(b, {.batch_size = 9, .seed = 3}), {"other options", "batch_size 8", "batch_size 9"});
  refused(made_trainer(b, {.batch_size = 8, .seed = 5}), {"seed 3", "seed 5"});
  refused(made_trainer(host_backend<double>{}), {"F32", "F64"});

  auto const refused_run = [&](auto const& rows_of_run, std::vector<std::string> const& parts, auto... callbacks) {
    auto t = made_trainer(b);
    std::ostringstream log;
    auto const message = error_of([&] {
      t.fit(rows_of_run, {.epochs = 1}, checkpoints{.folder = path / "run", .resume = true, .log = &log}, callbacks...);
    });
    for (auto const& part : parts) CHECK_THAT(message, ContainsSubstring(part));
    CHECK(t.steps() == 0);
  };
  refused_run(made_rows(b, rows, 0.01f), {"another data", "53 rows with the checksum"}, summing{.limit = 1e9});
  refused_run(made_rows(b, 52), {"52 rows", "53 rows"}, summing{.limit = 1e9});
  refused_run(data, {"fit.callbacks.1.calls", "not here"});
  auto t = made_trainer(b);
  CHECK_THAT(error_of([&] { t.fit(data, {.epochs = 1}, checkpoints{.folder = path / "run"}, summing{.limit = 1e9}); }),
             ContainsSubstring("holds a run; set resume"));
  // a newer version, with a checksum that fits
  {
    fovea::detail::checkpoint_file const whole_file(saved);
    auto metadata = safetensors_file(saved).header().metadata;
    metadata["version"] = "2";
    fovea::detail::checksum sum;
    std::vector<fovea::detail::unwritten_tensor> tensors;
    for (std::size_t i = 0; i != whole_file.entries().size(); ++i) {
      fovea::detail::add_entry(sum, whole_file.entries()[i], whole_file.bytes(i));
      tensors.push_back({whole_file.entries()[i], whole_file.bytes(i).data()});
    }
    metadata["checksum"] = fovea::detail::checksum_with(sum, metadata);
    fovea::detail::write_unwritten(path / "newer", tensors, metadata);
  }
  CHECK_THAT(error_of([&] { load_checkpoint(t, path / "newer"); }),
             ContainsSubstring("is a checkpoint of version \"2\", this"));
  save(t.model(), path / "model");
  CHECK_THROWS_AS(load_checkpoint(t, path / "model"), io_error);
  CHECK_THROWS_AS(load_checkpoint(t, path / "none"), io_error);
  // a place within an epoch of other rows
  whole.epoch(data, [&](std::size_t, double) { return save_checkpoint(whole, path / "within"), true; });
  load_checkpoint(t, path / "within");
  CHECK_THAT(error_of([&] { t.epoch(made_rows(b, 52)); }), ContainsSubstring("on 53 rows, the data set has 52"));
  // a gradient without its update
  t.gradients(data.features, data.targets);
  CHECK_THAT(error_of([&] { save_checkpoint(t, path / "x"); }), ContainsSubstring("a gradient waits"));
  CHECK_FALSE(std::filesystem::exists(path / "x"));
}

/// A user's formulas, whose members are in an array, which no binding lists.
struct halving {
  double steps[1];
  double operator()(double step) const { return std::exp2(-step / steps[0]); }
};
struct users_rule {
  double rate[1];
  double learning_rate = 1;
  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  coefficients coefficients_at(double) const { return {}; }
  template <fovea::real T> void operator()(coefficients const&, T& parameter, T const& slope) const {
    parameter = parameter - fovea::math::constant<T>(rate[0] * learning_rate) * slope;
  }
};
struct users_loss {
  double scale[1];
  template <fovea::real Z, fovea::real T> Z operator()(Z const& z, T const& target) const {
    return fovea::math::constant<T>(scale[0]) * (z - target) * (z - target);
  }
};

TEST_CASE_METHOD(folder, "other numbers of the loss or the optimizer are said in words", "[checkpoint_numbers]") {
  using namespace fovea;
  host_backend<float> const b;
  auto const data = made_rows(b);
  auto const made = [&](double clip, double rate, double gamma) {
    return trainer{b, net, sigmoid_focal_loss{.gamma = gamma},
                   chain{clip_by_global_norm{clip},
                         scheduled{multi_step_decay{{30, 60}, 0.5},
                                   groups{group{"*.bias", adamw{.learning_rate = rate, .weight_decay = 0}},
                                          group{"*", sgd{.learning_rate = 0.25, .nesterov = false}}}}},
                   trainer_options{.batch_size = 8}};
  };
  auto first = made(1, 1e-3, 2);
  first.epoch(data);
  save_checkpoint(first, path / "saved");
  auto same = made(1, 1e-3, 2), other = made(2, 1e-2, 3);
  CHECK(load_checkpoint(same, path / "saved").empty());
  auto const found = load_checkpoint(other, path / "saved");
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0], ContainsSubstring("the loss numbers were sigmoid_focal_loss{2") &&
                           ContainsSubstring(", here they are sigmoid_focal_loss{3"));
  CHECK_THAT(found[1],
             Catch::Matchers::StartsWith(
                 "the optimizer numbers were chain{clip_norm{1}, scheduled{multi_step_decay{[30, 60], 0.5}, "
                 "groups{group{\"*.bias\", adamw{0.001, 0.9, 0.999, 1e-08, 0}}, group{\"*\", sgd{0.25, 0, ") &&
                 ContainsSubstring("here they are chain{clip_norm{2}") && ContainsSubstring("adamw{0.01, 0.9"));
  // the trainer goes on with its own numbers
  CHECK(other.steps() == first.steps());
  CHECK(other.learning_rate() == 1e-2);
  std::ostringstream log;
  first.fit(data, {.epochs = 1}, checkpoints{.folder = path / "run", .log = &log});
  other.fit(data, {.epochs = 2}, checkpoints{.folder = path / "run", .resume = true, .log = &log});
  CHECK_THAT(log.str(), ContainsSubstring("checkpoints: the optimizer numbers were chain{"));
  // a formula that is not fovea's is asked for its values, wherever it stands; another type is named
  auto const words = [](auto const& x) { return fovea::detail::value_words(x); };
  auto const users = [&](double rate, double steps) {
    return words(chain{clip_by_global_norm{1}, groups{group{"*", scheduled{halving{{steps}}, users_rule{{rate}}}}}});
  };
  CHECK_THAT(users(1, 2), Catch::Matchers::StartsWith("chain{clip_norm{1}, groups{group{\"*\", scheduled{") &&
                              ContainsSubstring("halving#") && ContainsSubstring("users_rule#"));
  CHECK(users(1, 2) == users(1, 2));
  CHECK(users(1, 2) != users(1.00001, 2));
  CHECK(users(1, 2) != users(1, 2.00001));
  CHECK(words(users_loss{{2}}) == words(users_loss{{2}}));
  CHECK(words(users_loss{{2}}) != words(users_loss{{3}}));
  struct mine {
    double rate[2] = {1, 2};
  };
  CHECK(words(mine{}).ends_with("mine"));
  CHECK(words(std::vector<bool>{}) == "[]");
}

TEST_CASE_METHOD(folder, "checkpoints keeps the newest, and says what it cannot write before training",
                 "[checkpoint_keep]") {
  fovea::host_backend<float> const b;
  auto const data = made_rows(b);
  auto t = made_trainer(b);
  t.fit(data, {.epochs = 7}, fovea::checkpoints{.folder = path / "a/b", .every = 2, .keep = 2});
  std::vector<std::string> names;
  for (auto const& one : std::filesystem::directory_iterator(path / "a/b")) names.push_back(one.path().filename());
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"step-000000000042.safetensors", "step-000000000049.safetensors"});
  // what else lies there is no checkpoint of this run, and a damaged newer one takes no other's place
  for (char const* other : {"step-.safetensors", "step-best.safetensors", "step-1.txt"})
    write(path / "a/b" / other, "mine");
  write(path / "a/b/step-000000000063.safetensors", "torn");
  auto more = made_trainer(b);
  more.fit(data, {.epochs = 8}, fovea::checkpoints{.folder = path / "a/b", .keep = 1, .resume = true, .log = nullptr});
  CHECK(more.steps() == 56);
  auto again = made_trainer(b);
  again.fit(data, {.epochs = 8}, fovea::checkpoints{.folder = path / "a/b", .resume = true, .log = nullptr});
  CHECK(weights_of(again) == weights_of(more));
  for (char const* other : {"step-.safetensors", "step-best.safetensors", "step-1.txt"})
    CHECK(bytes_of(path / "a/b" / other) == "mine");
  write(path / "file", "");
  auto const steps = t.steps();
  CHECK_THROWS_AS(t.fit(data, {.epochs = 1}, fovea::checkpoints{.folder = path / "file"}), fovea::io_error);
  CHECK_THROWS_AS(t.fit(data, {.epochs = 1}, fovea::checkpoints{.folder = path / "file/within"}), fovea::io_error);
  CHECK_THROWS_AS(t.fit(data, {.epochs = 1}, fovea::checkpoints{}), fovea::argument_error);
  CHECK_THROWS_AS(t.fit(data, {.epochs = 1}, fovea::checkpoints{.folder = path / "n", .keep = 0}),
                  fovea::argument_error);
  CHECK(t.steps() == steps);
}
