// SPDX-License-Identifier: MIT
// A step in its parts: gradients, update, and several batches before an update.
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fovea/layers/dropout.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

using fovea::linear;
using fovea::sequential;
using fovea::trainer;

namespace {

constexpr sequential net{linear<3, 5>{}, fovea::dropout{0.25}, fovea::tanh{}, linear<5, 2>{}};

template <class B> auto trainer_on(B const& b, fovea::trainer_options const& options = {}) {
  return trainer{b, net, fovea::mean_squared_error{}, fovea::sgd{.learning_rate = 0.5, .momentum = 0.5}, options};
}
/// Rows [first, first + n) of random numbers.
template <class B> auto rows_of(B const& b, std::size_t first, std::size_t n, std::size_t columns, std::uint64_t seed) {
  auto const all = drawn(100 * columns, seed);
  auto const at = [&](std::size_t row) { return all.begin() + static_cast<std::ptrdiff_t>(row * columns); };
  return tensor_from(b, std::array{n, columns}, std::vector<double>(at(first), at(first + n)));
}
template <class A, class C, class B> void near(B const& b, A const& found, C const& expected) {
  CHECK(max_difference(to_vector(found), to_doubles(to_vector(expected))) < by_precision(b, 1e-6, 1e-14));
}

}  // namespace

TEST_CASE("a step is the gradients and the update, and between them the gradient can be read and written") {
  for_each_backend([](auto const& b) {
    auto whole = trainer_on(b), parts = trainer_on(b);
    auto const x = rows_of(b, 0, 7, 3, 1), y = rows_of(b, 0, 7, 2, 2);
    for (int i = 0; i != 3; ++i) {
      double const loss = whole.step(x, y);
      CHECK(double{parts.gradients(x, y)} == loss);
      CHECK(parts.steps() == static_cast<std::size_t>(i));
      parts.update();
      CHECK(to_vector(parts.parameters()) == to_vector(whole.parameters()));
      CHECK(to_vector(parts.gradient()) == to_vector(whole.gradient()));
    }
    CHECK(parts.steps() == 3);

    auto still = trainer_on(b);
    auto const before = to_vector(still.parameters());
    still.update();
    CHECK(to_vector(still.parameters()) == before);  // the gradient is 0 before the first one
    still.gradients(x, y), still.zero_gradients(), still.update();
    CHECK(to_vector(still.parameters()) == before);
    std::vector<value_type_of<decltype(b)>> const ones(before.size(), 1);
    still.gradients(x, y);
    b.copy(ones.data(), fovea::data(still.gradient()), ones.size());
    still.update();
    auto expected = to_doubles(before);
    for (double& p : expected) p -= 0.5;
    CHECK(max_difference(to_vector(still.parameters()), expected) < by_precision(b, 1e-6, 1e-15));
  });
}

TEST_CASE("gradients before an update are those of one batch of all rows") {
  for_each_backend([](auto const& b) {
    auto whole = trainer_on(b), parts = trainer_on(b);
    // Options that leave a mean, one over weights, one over a mask that leaves nothing of a batch, and a sum.
    std::vector<double> kept(20);
    for (std::size_t i = 0; i != 6; ++i) kept[i] = 1;
    for (std::size_t i = 16; i != 20; ++i) kept[i] = 1;
    auto const mask_of = [&](std::size_t first, std::size_t n) {
      return tensor_from(b, std::array<std::size_t, 2>{n, 2},
                         std::vector<double>(kept.begin() + static_cast<std::ptrdiff_t>(2 * first),
                                             kept.begin() + static_cast<std::ptrdiff_t>(2 * (first + n))));
    };
    auto const gradients = [&](int kind, auto& t, std::size_t first, std::size_t n) {
      auto const x = rows_of(b, first, n, 3, 1), y = rows_of(b, first, n, 2, 2);
      if (kind == 0) t.gradients(x, y);
      else if (kind == 1) t.gradients(x, y, fovea::weights(mask_of(first, n)), fovea::reduction::weighted_mean);
      else if (kind == 2) t.gradients(x, y, fovea::mask(mask_of(first, n)));
      else t.gradients(x, y, fovea::reduction::sum);
    };
    for (int kind = 0; kind != 4; ++kind) {
      INFO("kind " << kind);
      gradients(kind, whole, 0, 10);
      gradients(kind, parts, 0, 3), gradients(kind, parts, 3, 5), gradients(kind, parts, 8, 2);
      near(b, parts.gradient(), whole.gradient());
      whole.update(), parts.update();
      near(b, parts.parameters(), whole.parameters());
    }
  });
}

TEST_CASE("an epoch that accumulates is one of larger batches") {
  for_each_backend([](auto const& b) {
    for (bool const drop_last : {false, true}) {
      auto large = trainer_on(b, {.batch_size = 12, .seed = 3, .drop_last = drop_last});
      auto small_ones = trainer_on(b, {.batch_size = 3, .accumulate = 4, .seed = 3, .drop_last = drop_last});
      for (std::size_t const rows : {48u, 53u, 5u, 2u}) {
        fovea::dataset const data{b, rows_of(b, 0, rows, 3, 1), rows_of(b, 0, rows, 2, 2)};
        std::vector<double> losses[2];
        auto const epoch = [&](auto& t, std::vector<double>& all) {
          all.push_back(t.epoch(data, [&](std::size_t, auto const& loss) { all.push_back(loss); }));
        };
        epoch(large, losses[0]), epoch(small_ones, losses[1]);
        CHECK(small_ones.steps() == large.steps());
        CHECK(max_difference(losses[1], losses[0]) < by_precision(b, 1e-6, 1e-14));
        near(b, small_ones.parameters(), large.parameters());
      }
    }
  });
}

TEST_CASE("fit counts steps, not batches, and a step has at least one batch") {
  fovea::host_backend<float> const b;
  auto t = trainer_on(b, {.batch_size = 4, .accumulate = 2});
  struct watch {
    std::vector<std::size_t> seen = {};
    void on_step(fovea::step_report const& r) { seen.push_back(10 * r.steps + r.step); }
  } counts;
  t.fit(fovea::dataset{b, rows_of(b, 0, 21, 3, 1), rows_of(b, 0, 21, 2, 2)}, {.epochs = 1}, counts);
  CHECK(counts.seen == std::vector<std::size_t>{31, 32, 33});
  CHECK_THROWS_WITH(trainer_on(b, {.accumulate = 0}), "trainer: accumulate must be at least 1, got 0");
}
