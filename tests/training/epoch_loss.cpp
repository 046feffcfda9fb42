// SPDX-License-Identifier: MIT
// Tests that losses that are not finite are found and named, and that no step waits for its loss.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Data on which the squared error of row `wrong` overflows, in float and in double.
template <class B> fovea::dataset<B> rows_of(B const& b, std::size_t rows, std::size_t wrong) {
  auto y = drawn(rows, 2);
  if (wrong < rows) y[wrong] = static_cast<double>((std::numeric_limits<value_type_of<B>>::max)());
  return {b, tensor_from(b, std::array{rows, std::size_t{2}}, drawn(2 * rows, 1)),
          tensor_from(b, std::array{rows, std::size_t{1}}, y)};
}
template <class B> auto trainer_on(B const& b, fovea::trainer_options const& options) {
  return fovea::trainer{b, fovea::sequential{fovea::linear<2, 1>{}}, fovea::mean_squared_error{}, fovea::sgd{},
                        options};
}
template <class F> std::string message_of(F const& f) {
  try {
    f();
  } catch (fovea::numeric_error const& e) {
    return e.what();
  }
  return "no error";
}

/// Reads the loss of each step.
struct reader {
  std::vector<double>& losses;
  void on_step(fovea::step_report const& r) const { losses.push_back(r.loss); }
};
/// Looks at each step, but not at its loss.
struct counter {
  std::size_t& steps;
  void on_step(fovea::step_report const& r) const { steps = r.step; }
};

/// Counts the reads of a number, each of which would wait for a device.
template <class T> struct counting : fovea::host_backend<T> {
  std::shared_ptr<int> reads = std::make_shared<int>(0);
  template <class U> U read(typename fovea::host_backend<T>::template scalar<U> const& s) const {
    return ++*reads, fovea::host_backend<T>::read(s);
  }
};
static_assert(fovea::backend<counting<float>>);

}  // namespace

TEST_CASE("fit and epoch name the step and the rows of the first loss that is not finite", "[loss_not_finite]") {
  struct wanted {
    fovea::trainer_options options;
    std::size_t rows, wrong;
    std::string place;
  };
  fovea::trainer_options const one{.batch_size = 1, .shuffle = false}, four{.batch_size = 4, .shuffle = false},
      accumulates{.batch_size = 4, .accumulate = 3, .shuffle = false},
      drops{.batch_size = 4, .shuffle = false, .drop_last = true};
  wanted const all[] = {
      {four, 14, 0, "step 1 of 4 (rows 0 to 3"},           {four, 14, 7, "step 2 of 4 (rows 4 to 7"},
      {four, 14, 13, "step 4 of 4 (rows 12 to 13"},        {four, 3, 2, "step 1 of 1 (rows 0 to 2"},
      {drops, 14, 11, "step 3 of 3 (rows 8 to 11"},        {accumulates, 40, 11, "step 1 of 4 (rows 0 to 11"},
      {accumulates, 40, 20, "step 2 of 4 (rows 12 to 23"}, {accumulates, 40, 39, "step 4 of 4 (rows 36 to 39"},
      {accumulates, 9, 8, "step 1 of 1 (rows 0 to 8"},     {one, 150, 62, "step 63 of 150 (rows 62 to 62"},
      {one, 150, 63, "step 64 of 150 (rows 63 to 63"},     {one, 150, 64, "step 65 of 150 (rows 64 to 64"},
      {one, 150, 149, "step 150 of 150 (rows 149 to 149"}};
  for_each_backend([&](auto const& b) {
    for (auto const& w : all) {
      auto const found = [&](std::string const& who, int epoch) {
        return who + ": the loss is inf at epoch " + std::to_string(epoch) + ", " + w.place + " of the epoch's order)";
      };
      auto const data = rows_of(b, w.rows, w.wrong), fine = rows_of(b, w.rows, w.rows);
      auto t = trainer_on(b, w.options);
      t.epoch(fine);
      CHECK(message_of([&] { t.epoch(data); }) == found("trainer", 2));
      t = trainer_on(b, w.options);
      t.fit(fine, {.epochs = 2});
      CHECK(message_of([&] { t.fit(data, {.epochs = 2}); }) == found("fit", 1));

      std::vector<double> losses;
      std::size_t steps = 0;
      t = trainer_on(b, w.options);
      CHECK(message_of([&] { t.fit(data, {.epochs = 2}, reader{losses}); }) == found("fit", 1));
      t = trainer_on(b, w.options);
      CHECK(message_of([&] { t.fit(data, {.epochs = 2}, counter{steps}); }) == found("fit", 1));
      CHECK(
          w.place.starts_with("step " + std::to_string(losses.size() + 1) + " of "));  // a callback sees finite losses
      CHECK(steps >= losses.size());
    }
  });
}

TEST_CASE("a loss that is not finite is found where a callback stops the epoch, and where it is not read",
          "[loss_stopped]") {
  fovea::host_backend<float> const b;
  auto const data = rows_of(b, 40, 9);
  auto const stopped_after = [&](std::size_t steps) {
    auto t = trainer_on(b, {.batch_size = 4, .shuffle = false});
    return message_of([&] { t.epoch(data, [&](std::size_t step, auto const&) { return step + 1 == steps; }); });
  };
  CHECK(stopped_after(2) == "no error");
  CHECK(stopped_after(3) == "trainer: the loss is inf at epoch 1, step 3 of 10 (rows 8 to 11 of the epoch's order)");
}

TEST_CASE("fit reads a loss only for a callback that does", "[loss_reads]") {
  counting<float> const b;
  auto const data = rows_of(b, 200, 200);
  auto const reads = [&](auto&&... callbacks) {
    auto t = trainer_on(b, {.batch_size = 1});
    *b.reads = 0;
    t.fit(data, {.epochs = 2}, callbacks...);
    return *b.reads - 2;  // of the look at the features and the targets
  };
  int const epoch = 200 / 64 + 1 + 1;  // every 64 steps, at the end, and the mean
  std::vector<double> losses;
  std::size_t steps = 0;
  CHECK(reads() == 2 * epoch);
  CHECK(reads(counter{steps}) == 2 * epoch);
  CHECK(reads(reader{losses}) == 2 * (epoch + 200));
  CHECK(reads(reader{losses}, counter{steps}, reader{losses}) == 2 * (epoch + 200));
  auto* const file = std::tmpfile();
  CHECK(reads(fovea::progress{file}) == 2 * epoch);
  std::fclose(file);
}

TEST_CASE("the losses that callbacks read are those of the steps", "[loss_values]") {
  for_each_backend([](auto const& b) {
    auto const data = rows_of(b, 50, 50);
    auto watched = trainer_on(b, {.batch_size = 8, .seed = 4}), alone = watched, plain = watched;
    std::vector<double> losses, same;
    auto const history = watched.fit(data, {.epochs = 2}, reader{losses});
    for (int e = 0; e != 2; ++e) {
      double const mean =
          alone.epoch(data, [&](std::size_t, auto const& loss) { same.push_back(static_cast<double>(loss)); });
      CHECK(mean == history[static_cast<std::size_t>(e)].loss);
      CHECK(mean == double{plain.epoch(data)});
    }
    CHECK(losses == same);
    CHECK(to_vector(watched.parameters()) == to_vector(alone.parameters()));
    CHECK(to_vector(watched.parameters()) == to_vector(plain.parameters()));
  });
}

TEST_CASE("the epoch's loss keeps the first batch whose loss or divisor is not finite", "[epoch_loss]") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), largest = (std::numeric_limits<double>::max)();
  for_each_backend([&](auto const& b) {
    auto sum = fovea::make_scalar<double>(b), counted = fovea::make_scalar<double>(b);
    auto const set = [&](auto& slot, double x) { b.for_each_index(1, fovea::formulas::fill<double>{slot.data(), x}); };
    auto const finds = [&](double batch_sum, double divisor, std::string const& loss) {
      for (bool const counts : {false, true}) {
        if (!counts && divisor == 0) continue;  // a divisor that is known is not 0
        INFO(batch_sum << " / " << divisor << (counts ? ", counted" : ""));
        fovea::detail::epoch_loss all(b);
        all.restart();
        auto const add = [&](double s, double d) {
          set(sum, s), set(counted, d);
          all.add({sum.data(), counts ? counted.data() : nullptr, counts ? 0 : d});
        };
        auto const check = [&] { all.check(7, {14, 4, false}, 2); };  // steps of two batches of two rows
        add(1, 2), add(3, 2), add(-largest, 1), add(0, 2);
        if (counts) add(1, 0);  // where the weights sum to 0, the loss is 0
        else add(1, 1);
        CHECK_NOTHROW(check());
        all.restart();
        add(1, 2), add(2, 2);
        CHECK(double{all.mean()} == 0.75);
        add(batch_sum, divisor);
        add(nan, 2), add(1, 2);
        CHECK(message_of(check) ==
              "trainer: the loss is " + loss + " at epoch 7, step 2 of 4 (rows 4 to 7 of the epoch's order)");
        all.restart();
        CHECK_NOTHROW(check());
      }
    };
    finds(infinity, 2, "inf");
    finds(-infinity, 2, "-inf");
    finds(nan, 2, "nan");
    finds(1, nan, "nan");
    finds(1, infinity, "inf");
    finds(0, infinity, "inf");
    finds(infinity, 0, "inf");
    finds(largest, 0.5, "inf");
  });
}
