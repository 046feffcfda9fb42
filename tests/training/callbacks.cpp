// SPDX-License-Identifier: MIT
// Tests the callbacks that monitor, print and log, and the numbers of the reports that they read.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <fovea/data/csv.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/npy.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

namespace {

constexpr fovea::sequential net{fovea::linear<3, 4>{}, fovea::tanh{}, fovea::linear<4, 1>{}};

template <class B> fovea::dataset<B> rows_of(B const& b, std::size_t rows, std::uint64_t seed) {
  auto y = drawn(rows, seed + 1);
  for (auto& target : y) target = target > 0;
  return {b, tensor_from(b, std::array{rows, std::size_t{3}}, drawn(3 * rows, seed)),
          tensor_from(b, std::array{rows, std::size_t{1}}, y)};
}
template <class B> auto trainer_on(B const& b, fovea::trainer_options options = {.batch_size = 32, .seed = 3}) {
  return fovea::trainer{b, net, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{.learning_rate = 0.1}, options};
}

/// A metric that takes these values, one after each epoch.
auto scripted(std::vector<double> values) {
  return [values, epoch = std::size_t{0}](auto const&, auto const&) mutable { return values.at(epoch++); };
}
fovea::epoch_report report_of(std::size_t epoch, double loss, std::string const& name, double metric) {
  fovea::epoch_report r;
  r.epoch = epoch, r.epochs = 100, r.loss = loss, r.metrics = {{name, metric}};
  return r;
}

/// Keeps the parameters after each epoch.
struct keeper {
  std::vector<std::vector<double>> after = {};
  template <class T> void on_epoch(fovea::epoch_report const&, T& t) {
    after.push_back(to_doubles(to_vector(t.parameters())));
  }
};
/// Stops within an epoch, or after one.
struct stop_at {
  std::size_t epoch, step = 1000;
  bool on_step(fovea::step_report const& r) const { return r.epoch == epoch && r.step == step; }
  template <class T> bool on_epoch(fovea::epoch_report const& r, T&) const { return r.epoch == epoch; }
};

/// Writes down the names that it is given before the training, and compares the reports'.
struct needs_names {
  std::vector<std::string>& seen;
  void validate(std::vector<std::string> const& names) const { seen = names; }
  template <class T> void on_epoch(fovea::epoch_report const& r, T&) { CHECK(r.names() == seen); }
};

/// Reads a log back after each epoch.
struct reader {
  std::filesystem::path file;
  template <class T> void on_epoch(fovea::epoch_report const& r, T&) const {
    CHECK(fovea::read_csv(file).rows() == r.epoch);
  }
};

std::string text_of(std::filesystem::path const& file) { return fovea::read_text(file); }
void write(std::filesystem::path const& file, std::string const& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// A folder of this test's own, removed at its end.
struct folder {
  std::filesystem::path path;
  explicit folder(std::string const& name)
      : path(std::filesystem::temp_directory_path() / ("fovea_callbacks_" + name)) {
    std::filesystem::remove_all(path), std::filesystem::create_directory(path);
  }
  folder(folder const&) = delete;
  folder& operator=(folder const&) = delete;
  ~folder() { std::filesystem::remove_all(path); }
};

/// Returns what `fit` prints through a progress.
template <class... C> std::string printed(fovea::progress show, std::size_t epochs, C&&... more) {
  fovea::host_backend<float> const b;
  show.stream = std::tmpfile();
  auto const data = rows_of(b, 70, 1);
  auto t = trainer_on(b);
  t.fit(data, {.epochs = epochs, .validation = &data, .metrics = {{"share", [](auto, auto) { return 0.25; }}}}, show,
        more...);
  std::rewind(show.stream);
  std::string text(8192, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), show.stream));
  std::fclose(show.stream);
  return text;
}

}  // namespace

TEST_CASE("callbacks monitor a metric that improves upwards", "[monitor_metric]") {
  for_each_backend([](auto const& b) {
    auto const data = rows_of(b, 70, 1);
    fovea::best_weights best{b, {.monitor = "score", .mode = fovea::larger_is_better}};
    fovea::early_stopping stop{.monitor = "score", .mode = fovea::larger_is_better, .patience = 3, .min_delta = 0.05};
    fovea::reduce_on_plateau reduce{
        .monitor = "score", .mode = fovea::larger_is_better, .factor = 0.5, .patience = 1, .threshold = 0};
    keeper kept;
    auto t = trainer_on(b);
    auto const history = t.fit(data,
                               {.epochs = 20,
                                .validation = &data,
                                .metrics = {{"constant", [](auto, auto) { return 1.0; }},
                                            {"score", scripted({-1, 0.5, 0.8, 0.82, 0.83, 0.7, 0.9})}}},
                               best, stop, reduce, kept);
    CHECK(history.size() == 6);  // 0.82, 0.83 and 0.7 are not better than 0.8 by more than 0.05
    CHECK(stop.best == 0.8);
    CHECK(best.epoch == 5);
    CHECK(best.best == 0.83);
    CHECK(to_doubles(to_vector(t.parameters())) == kept.after[4]);
    CHECK(t.learning_rate() == 0.1);  // only one epoch, the last, was no better
    CHECK(reduce.waited == 1);
    CHECK(history[2].value("score") == 0.8);
    CHECK(history[2].value("constant") == 1);
    CHECK(history[2].value("loss") == history[2].loss);
    CHECK(history[2].value("validation_loss") == *history[2].validation_loss);
    CHECK(history[2].value("") == history[2].monitored());
  });
}

TEST_CASE("the larger one is better where the smaller of the negative one is", "[monitor_mode]") {
  auto const numbers = drawn(400, 7);
  int nothing = 0;
  for (double const delta : {0., 0.3}) {
    fovea::early_stopping down{.patience = 4, .min_delta = delta},
        up{.monitor = "m", .mode = fovea::larger_is_better, .patience = 4, .min_delta = delta};
    std::size_t stops = 0;
    for (std::size_t e = 0; e != numbers.size(); ++e) {
      bool const first = down.on_epoch(report_of(e, numbers[e], "m", 0), nothing);
      REQUIRE(first == up.on_epoch(report_of(e, 0, "m", -numbers[e]), nothing));
      REQUIRE(down.best == -up.best);
      stops += first;
    }
    CHECK(stops > 0);
    CHECK(stops < numbers.size());
  }
}

TEST_CASE("reduce_on_plateau upwards is PyTorch's of the reciprocals", "[plateau_upwards]") {
  auto const expected = fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/plateau.npy");
  auto const epochs = expected.shape.at(1);
  struct rate_only {
    double rate = 0.5;
    double learning_rate() const { return rate; }
    void scale_learning_rate(double factor) { rate *= factor; }
  } t;
  // A loss below 0.99 times the best is a reciprocal above 1 / 0.99 times the best.
  fovea::reduce_on_plateau callback{.monitor = "m",
                                    .mode = fovea::larger_is_better,
                                    .factor = 0.3,
                                    .patience = 3,
                                    .threshold = 0.01 / 0.99,
                                    .cooldown = 2,
                                    .min_learning_rate = 0.01};
  for (std::size_t e = 0; e != epochs; ++e) {
    callback.on_epoch(report_of(e + 1, 0, "m", 1 / expected.values[e]), t);
    CHECK(t.rate == Approx(expected.values[epochs + e]).epsilon(1e-14));
  }
  CHECK(t.rate == Approx(0.01));
}

TEST_CASE("reduce_on_plateau takes an absolute min_delta", "[plateau_min_delta]") {
  struct rate_only {
    double rate = 1;
    double learning_rate() const { return rate; }
    void scale_learning_rate(double factor) { rate *= factor; }
  } t;
  fovea::reduce_on_plateau callback{.factor = 0.5, .patience = 0, .threshold = 0, .min_delta = 0.1};
  for (double const loss : {1., 0.95, 0.8, 0.75}) callback.on_epoch(report_of(1, loss, "m", 0), t);
  CHECK(t.rate == 0.25);
  CHECK(callback.best == 0.8);
}

TEST_CASE("a monitored name that no report has is refused before any training", "[monitor_unknown]") {
  folder const here("unknown");
  write(here.path / "log.csv", "precious");
  for_each_backend([&](auto const& b) {
    auto const data = rows_of(b, 70, 1);
    auto t = trainer_on(b);
    auto const before = to_vector(t.parameters());
    auto const refuses = [&](auto&& callback, std::string const& name) {
      CHECK_THROWS_WITH(
          t.fit(
              data,
              {.epochs = 2, .validation = &data, .metrics = {{"ROC AUC", scripted({1, 2})}, {"F1", scripted({1, 2})}}},
              fovea::csv_log{here.path / "log.csv"}, callback),
          name + ": the reports have no \"AUC\"; they have: loss, validation_loss, ROC AUC, F1");
      CHECK_THROWS_WITH(t.fit(data, {.epochs = 2}, callback), name + ": the reports have no \"AUC\"; they have: loss");
    };
    refuses(fovea::early_stopping{.monitor = "AUC"}, "early_stopping");
    refuses(fovea::best_weights{b, {.monitor = "AUC"}}, "best_weights");
    refuses(fovea::reduce_on_plateau{.monitor = "AUC"}, "reduce_on_plateau");
    CHECK_THROWS_AS(t.fit(data, {}, fovea::early_stopping{.monitor = "validation_loss"}), fovea::argument_error);
    CHECK_THROWS_WITH(t.fit(data, {}, fovea::best_weights{b, {.min_delta = -1}}),
                      "best_weights: min_delta must not be negative, got -1");
    CHECK_THROWS_WITH(t.fit(data, {}, fovea::reduce_on_plateau{.min_delta = -1}),
                      "reduce_on_plateau: min_delta must not be negative, got -1");
    CHECK(t.steps() == 0);
    CHECK(to_vector(t.parameters()) == before);
  });
  CHECK(text_of(here.path / "log.csv") == "precious");
  CHECK_THROWS_WITH(report_of(1, 2, "F1", 3).value("validation_loss"),
                    "epoch_report: the reports have no \"validation_loss\"; they have: loss, F1");
}

TEST_CASE("each metric has a name of its own", "[metric_names]") {
  fovea::host_backend<float> const b;
  auto const data = rows_of(b, 10, 1);
  auto t = trainer_on(b);
  auto const one = [](auto, auto) { return 1.0; };
  for (std::string const name : {"", "epoch", "loss", "validation_loss", "learning_rate", "seconds", "rows_per_second"})
    CHECK_THROWS_WITH(t.fit(data, {.validation = &data, .metrics = {{name, one}}}),
                      "fit: a metric needs a name of its own, got \"" + name + "\"");
  CHECK_THROWS_WITH(t.fit(data, {.validation = &data, .metrics = {{"a", one}, {"b", one}, {"a", one}}}),
                    "fit: a metric needs a name of its own, got \"a\"");
  CHECK(t.steps() == 0);
}

TEST_CASE("a callback of the user's may refuse the names of the reports", "[validate_names]") {
  fovea::host_backend<float> const b;
  auto const data = rows_of(b, 10, 1);
  auto t = trainer_on(b);
  std::vector<std::string> seen;
  t.fit(data, {.validation = &data, .metrics = {{"m", scripted({1})}}}, needs_names{seen});
  CHECK(seen == std::vector<std::string>{"loss", "validation_loss", "m"});
}

TEST_CASE("a member of a final class that takes other arguments is found, too", "[final_callback]") {
  struct wrong final {
    void on_step(int) {}
  };
  struct right final {
    int steps = 0;
    void on_step(fovea::step_report const&) { ++steps; }
  };
  union wrong_union {
    int number;
    void on_step(int) {}
  };
  STATIC_REQUIRE(fovea::detail::has_on_step<wrong_union>);
  STATIC_REQUIRE(fovea::detail::has_on_step<wrong>);
  STATIC_REQUIRE(!fovea::detail::has_on_epoch<wrong>);
  right counted;
  fovea::trainer trainer{fovea::host_backend<float>{}, fovea::sequential{fovea::linear<1, 1>{}},
                         fovea::mean_squared_error{}, fovea::sgd{}};
  std::vector<float> const x{1, 2, 3};
  fovea::dataset const data{trainer.backend(), fovea::host_tensor<float, 2>{{3, 1}, x},
                            fovea::host_tensor<float, 2>{{3, 1}, x}};
  trainer.fit(data, {.epochs = 2}, counted);
  CHECK(counted.steps == 2);
}

TEST_CASE("reports count rows and steps, also of an epoch that is stopped", "[report_counts]") {
  struct watch {
    std::vector<std::size_t> rows = {};
    double last = 0;
    void on_step(fovea::step_report const& r) {
      rows.push_back(r.rows);
      CHECK(r.seconds >= (r.step == 1 ? 0 : last));
      CHECK(r.seconds_per_step() == r.seconds / static_cast<double>(r.step));
      if (r.seconds > 0) CHECK(r.rows_per_second() == static_cast<double>(r.rows) / r.seconds);
      last = r.seconds;
    }
  };
  for_each_backend([](auto const& b) {
    auto const data = rows_of(b, 70, 1);
    auto const fitted = [&](fovea::trainer_options const& options, std::vector<std::size_t> const& rows,
                            std::size_t stop) {
      watch seen;
      auto t = trainer_on(b, options);
      auto const r = t.fit(data, {.epochs = 1}, seen, stop_at{.epoch = 1, .step = stop}).front();
      CHECK(seen.rows == rows);
      CHECK(r.rows == rows.back());
      CHECK(r.steps == rows.size());
      CHECK(r.rows_per_second() == static_cast<double>(r.rows) / r.seconds);
      CHECK(r.seconds_per_step() == r.seconds / static_cast<double>(r.steps));
    };
    fitted({.batch_size = 32}, {32, 64, 70}, 9);
    fitted({.batch_size = 32}, {32, 64}, 2);
    fitted({.batch_size = 32, .drop_last = true}, {32, 64}, 9);
    fitted({.batch_size = 10, .accumulate = 3}, {30, 60, 70}, 9);
    fitted({.batch_size = 99}, {70}, 9);
    fitted({.batch_size = 99, .drop_last = true}, {70}, 9);
  });
  CHECK(fovea::epoch_report{}.rows_per_second() == 0);
  CHECK(fovea::epoch_report{}.seconds_per_step() == 0);
}

TEST_CASE("a step's loss is read when it is first converted, and a copy holds the number", "[step_loss]") {
  int reads = 0;
  std::vector<fovea::step_report> kept;
  {
    double loss = 0.5;
    auto const read = [&] { return ++reads, loss; };
    fovea::step_report const r{1, 1, 1, 1, fovea::step_loss(read), 0.1};
    CHECK(reads == 0);
    CHECK(r.loss == 0.5);
    loss = 7;
    CHECK(double{r.loss} == 0.5);
    kept.push_back(r);
    kept.push_back({1, 1, 2, 2, fovea::step_loss(read), 0.1});
    kept.push_back({1, 1, 2, 2, 8.0, 0.1});
    kept[0].loss = fovea::step_loss(read);
  }
  CHECK(reads == 3);
  CHECK((kept[0].loss == 7 && kept[1].loss == 7 && kept[2].loss == 8));
}

TEST_CASE("progress prints every n-th epoch and the last one", "[progress_every]") {
  auto const epochs = [](std::string const& text) {
    std::vector<std::string> all;
    for (std::size_t at = text.find("epoch "); at != std::string::npos; at = text.find("epoch ", at + 1))
      all.push_back(text.substr(at + 6, text.find(' ', at + 6) - at - 6));
    return all;
  };
  using list = std::vector<std::string>;
  CHECK(epochs(printed({.every = 3}, 8)) == list{"3/8", "6/8", "8/8"});
  CHECK(epochs(printed({.every = 3}, 6)) == list{"3/6", "6/6"});
  CHECK(epochs(printed({.every = 9}, 6, stop_at{4})) == list{"4/6"});
  CHECK(epochs(printed({.every = 2}, 6, stop_at{4})) == list{"2/6", "4/6"});
  CHECK(epochs(printed({.every = 9}, 6, stop_at{4, 2})) == list{"4/6"});
  CHECK(epochs(printed({}, 2)) == list{"1/2", "2/2"});
  CHECK_THROWS_WITH(printed({.every = 0}, 1), "progress: every must be at least 1, got 0");
  CHECK_THROWS_WITH(fovea::progress{nullptr}.validate(), "progress: stream is null: the file was not opened");

  auto const text = printed({}, 1);
  CHECK(text.starts_with("epoch 1/1  loss "));
  for (auto const* part :
       {"  validation loss ", "  share 0.25  learning rate 0.1  (", " s, ", " ms/step, ", " rows/s)\n"})
    CHECK(text.find(part) != std::string::npos);
}

TEST_CASE("csv_log writes the reports, each as soon as its epoch ends", "[csv_log]") {
  folder const here("csv");
  auto const file = here.path / "log.csv";
  write(file, "something else");
  for_each_backend([&](auto const& b) {
    auto const data = rows_of(b, 70, 1);
    auto t = trainer_on(b);
    auto const history =
        t.fit(data,
              {.epochs = 4,
               .validation = &data,
               .metrics = {{"a", scripted({1, 0.1, 1e-300, 1. / 3})}, {"ROC AUC", scripted({1, 2, 3, 4})}}},
              fovea::csv_log{file}, reader{file});
    auto const log = fovea::read_csv(file);
    CHECK(log.names == std::vector<std::string>{"epoch", "loss", "validation_loss", "a", "ROC AUC", "learning_rate",
                                                "seconds", "rows_per_second"});
    REQUIRE(log.rows() == 4);
    for (std::size_t e = 0; e != 4; ++e) {
      auto const& r = history[e];
      std::vector<double> row;
      for (auto const& column : log.columns) row.push_back(column[e]);
      CHECK(row == std::vector<double>{static_cast<double>(e + 1), r.loss, *r.validation_loss, r.metrics[0].second,
                                       r.metrics[1].second, r.learning_rate, r.seconds, r.rows_per_second()});
    }
    t.fit(data, {.epochs = 1}, fovea::csv_log{file});
    CHECK(text_of(file).starts_with("epoch,loss,learning_rate,seconds,rows_per_second\n1,"));
  });
}

TEST_CASE("csv_log quotes the names of metrics, and its columns stay", "[csv_log_names]") {
  folder const here("csv_names");
  int nothing = 0;
  fovea::csv_log log{here.path / "log.csv"};
  log.on_begin(nothing);
  auto r = report_of(100000, 0.5, "P, \"R\"", 0.25);
  log.on_epoch(r, nothing);
  CHECK(text_of(log.path) ==
        "epoch,loss,\"P, \"\"R\"\"\",learning_rate,seconds,rows_per_second\n100000,0.5,0.25,0,0,0\n");
  r.metrics[0].first = "other";
  CHECK_THROWS_AS(log.on_epoch(r, nothing), fovea::argument_error);
  CHECK(fovea::read_csv(log.path).rows() == 1);
}

TEST_CASE("a log appends to an earlier run's, but not to another table", "[log_append]") {
  folder const here("append");
  fovea::host_backend<float> const b;
  auto const data = rows_of(b, 70, 1);
  auto t = trainer_on(b);
  auto const csv = here.path / "log.csv", json = here.path / "log.jsonl";
  auto const lines = [](auto const& file) {
    auto const text = text_of(file);
    return std::count(text.begin(), text.end(), '\n');
  };
  auto const run = [&](std::size_t epochs) {
    t.fit(data, {.epochs = epochs}, fovea::csv_log{.path = csv, .append = true},
          fovea::json_lines_log{.path = json, .append = true});
  };
  run(2), run(3);  // a file that does not exist is begun
  CHECK(fovea::read_csv(csv).columns[0] == std::vector<double>{1, 2, 1, 2, 3});
  CHECK(lines(json) == 5);

  std::ofstream(csv, std::ios::app) << "4,0.1", std::ofstream(json, std::ios::app) << "{\"epoch\": 4, \"lo";  // killed
  run(1);
  CHECK(fovea::read_csv(csv).columns[0] == std::vector<double>{1, 2, 1, 2, 3, 1});
  CHECK(lines(json) == 6);
  for (std::string const torn : {"epoch,los", "epoch,loss,learning_rate,seconds,rows_per_second", ""}) {
    write(csv, torn);
    run(1);
    CHECK(fovea::read_csv(csv).rows() == 1);
  }

  auto const steps = t.steps();
  for (std::string const other : {"epoch,loss,seconds\n1,2,3\n", "notes", "\n"}) {
    write(csv, other);
    CHECK_THROWS_WITH(run(1), csv.string() + ": cannot append, its columns are " + other.substr(0, other.find('\n')) +
                                  ", not epoch,loss,learning_rate,seconds,rows_per_second");
    CHECK(text_of(csv) == other);
  }
  std::filesystem::remove(csv);
  write(json, "notes");
  CHECK_THROWS_WITH(run(1), json.string() + ": cannot append, it does not begin with a JSON object");
  CHECK(text_of(json) == "notes");
  CHECK_FALSE(std::filesystem::exists(csv));
  CHECK(t.steps() == steps);
}

TEST_CASE("json_lines_log writes the reports as JSON, whatever the names hold", "[json_lines_log]") {
  folder const here("json");
  auto const file = here.path / "log.jsonl";
  std::string const odd = "a \"quoted\" \\ name\twith\n\x01 \xc3\xa9";
  for_each_backend([&](auto const& b) {
    auto const data = rows_of(b, 70, 1);
    auto t = trainer_on(b);
    auto const history =
        t.fit(data, {.epochs = 3, .validation = &data, .metrics = {{odd, scripted({1e-300, 1. / 3, -1e22})}}},
              fovea::json_lines_log{file});
    std::ifstream in(file);
    std::string line;
    for (auto const& r : history) {
      REQUIRE(std::getline(in, line));
      nlohmann::json const expected{{"epoch", r.epoch},
                                    {"loss", r.loss},
                                    {"validation_loss", *r.validation_loss},
                                    {odd, r.metrics[0].second},
                                    {"learning_rate", r.learning_rate},
                                    {"seconds", r.seconds},
                                    {"rows_per_second", r.rows_per_second()}};
      CHECK(nlohmann::json::parse(line) == expected);
      CHECK(line.starts_with("{\"epoch\": "));
    }
    CHECK_FALSE(std::getline(in, line));
  });
  int nothing = 0;
  fovea::json_lines_log log{file};
  log.on_begin(nothing);
  log.on_epoch(report_of(1, std::numeric_limits<double>::infinity(), "m", std::numeric_limits<double>::quiet_NaN()),
               nothing);
  auto const row = nlohmann::json::parse(text_of(file));
  CHECK((row.at("loss").is_null() && row.at("m").is_null()));
}

TEST_CASE("a log that cannot be written is named, before training if it cannot be opened", "[log_errors]") {
  folder const here("errors");
  fovea::host_backend<float> const b;
  auto const data = rows_of(b, 70, 1);
  auto t = trainer_on(b);
  auto const missing = (here.path / "no" / "log").string();
  CHECK_THROWS_WITH(t.fit(data, {}, fovea::csv_log{missing}), missing + ": cannot open: No such file or directory");
  CHECK_THROWS_WITH(t.fit(data, {}, fovea::json_lines_log{missing}),
                    missing + ": cannot open: No such file or directory");
  CHECK_THROWS_AS(t.fit(data, {}, fovea::csv_log{here.path}), fovea::io_error);
  CHECK_THROWS_AS(t.fit(data, {}, fovea::csv_log{.path = here.path, .append = true}), fovea::io_error);
  CHECK(t.steps() == 0);
  if (std::filesystem::exists("/dev/full")) {
    CHECK_THROWS_WITH(t.fit(data, {.epochs = 3}, fovea::csv_log{"/dev/full"}),
                      "/dev/full: writing failed: No space left on device");
    CHECK(t.steps() == 3);  // the first row could not be written
  }
}
