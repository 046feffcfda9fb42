// SPDX-License-Identifier: MIT
// Networks with state, of several inputs and on unusual backends, from the user's side.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fovea/fovea.hpp>
#include <fovea/io/safetensors.hpp>

#include "../backends.hpp"

namespace {

using fovea::input;
using fovea::linear;
using fovea::sequential;
using fovea::trainer;

/// One backend: the agreement of backends is tested elsewhere, and each costs a compilation of every network.
template <class F> void on_main_backend(F const& f) { f(main_backend<float>{}); }

std::vector<double> numbers(std::size_t n, std::uint64_t seed) {
  std::vector<double> all;
  for (std::size_t i = 0; i != n; ++i)
    all.push_back(2 * double{fovea::uniform<float>(seed, fovea::random_stream::user, 0, i)} - 1);
  return all;
}
template <class B> auto matrix_of(B const& b, std::size_t rows, std::size_t columns, std::uint64_t seed) {
  return tensor_from(b, std::array{rows, columns}, numbers(rows * columns, seed));
}

constexpr sequential normalized{linear<3, 4>{}, fovea::batch_norm{}, fovea::relu{}, linear<4, 1>{}};
constexpr sequential two_inputs{
    fovea::parallel{sequential{input<2>{}, fovea::embedding<5, 3>{}, fovea::flatten{}}, input<4>{}},
    fovea::concatenate{}, linear<10, 3>{}};

/// A host backend that cannot be made without an argument.
struct numbered : fovea::host_algorithms {
  using value_type = float;
  template <class T, std::size_t Rank> using tensor = fovea::host_tensor<T, Rank>;
  explicit numbered(int n) : number(n) {}
  template <class T, std::size_t Rank> static tensor<T, Rank> empty(std::array<std::size_t, Rank> const& extents) {
    tensor<T, Rank> made{extents};
    largest = std::max(largest, made.elements.size() * sizeof(T));
    return made;
  }
  static inline std::size_t largest = 0;  // bytes of the largest tensor so far
  int number;
};
static_assert(!std::is_default_constructible_v<numbered> && fovea::backend<numbered>);

/// Squared error of a logit, predicted through a sigmoid of a temperature: an inverse link that has a value.
struct tempered_formula {
  double temperature = 1;
  template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const {
    return fovea::math::sigmoid(x * fovea::math::constant<fovea::scalar_of<T>>(1 / temperature));
  }
};
struct tempered_loss {
  double temperature = 1;
  constexpr fovea::activation<tempered_formula> inverse_link() const { return {{temperature}}; }
  template <fovea::real T, class Y> FOVEA_HD constexpr T operator()(T const& z, Y const& y) const {
    return (z - y) * (z - y);
  }
};

}  // namespace

TEST_CASE("a batch of one value per channel is refused before the first step, and drop_last leaves it out") {
  on_main_backend([](auto const& b) {
    trainer t{b, normalized, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 4}};
    auto const before = to_vector(t.parameters());
    CHECK_THROWS_WITH(
        t.step(matrix_of(b, 1, 3, 1), matrix_of(b, 1, 1, 2)),
        "batch_norm: a batch of 1 row has one value for each channel, which has no variance; choose another batch "
        "size, or drop_last");
    fovea::dataset const nine{b, matrix_of(b, 9, 3, 1), matrix_of(b, 9, 1, 2)};
    CHECK_THROWS_AS(t.epoch(nine), fovea::shape_error);
    CHECK_THROWS_AS(t.fit(nine, {.epochs = 2}), fovea::shape_error);
    CHECK(t.steps() == 0);
    CHECK(to_vector(t.parameters()) == before);
    trainer dropping{b, normalized, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 4, .drop_last = true}};
    std::size_t steps = 0;
    dropping.epoch(nine, [&](std::size_t, auto const&) { ++steps; });
    CHECK(steps == 2);
    CHECK(double{dropping.step(matrix_of(b, 2, 3, 1), matrix_of(b, 2, 1, 2))} > 0);
    trainer larger{b, normalized, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 4, .drop_last = true}};
    fovea::dataset const three{b, matrix_of(b, 3, 3, 1), matrix_of(b, 3, 1, 2)};
    CHECK(double{larger.epoch(three)} > 0);  // a data set smaller than a batch is one
    CHECK(larger.steps() == 1);
  });
}

TEST_CASE("a network of two inputs takes tuples and names what does not fit") {
  on_main_backend([](auto const& b) {
    auto const put = [&](std::array<std::size_t, 2> const& extents, std::vector<std::int32_t> const& from) {
      auto to = b.template empty<std::int32_t>(extents);
      b.copy(from.data(), fovea::data(to), from.size());
      b.synchronize();
      return to;
    };
    auto const words = put({3, 2}, {0, 1, 4, 2, 3, 3}), wrong = put({3, 2}, {0, 1, 4, 2, 5, 3});
    auto const classes = put({3, 1}, {2, 0, 1});
    auto const x = matrix_of(b, 3, 4, 1);
    trainer t{b, two_inputs, fovea::softmax_cross_entropy{}, fovea::sgd{}, {.batch_size = 2}};
    fovea::dataset const train{b, std::tie(words, x), classes};
    CHECK(double{t.epoch(train)} > 0);
    CHECK(double{t.step(std::tie(words, x), classes)} > 0);
    CHECK(fovea::shape_of(t.predict(train.features)) == fovea::shape_of(t.predict(std::tie(words, x))));
    CHECK_THROWS_WITH(t.predict(std::tie(wrong, x)),
                      "predict: row 2 has 5, and the embedding takes integers from 0 to 4 (input 0)");
    CHECK_THROWS_WITH(t.step(std::tie(wrong, x), classes),
                      "trainer: row 2 has 5, and the embedding takes integers from 0 to 4 (input 0)");
    CHECK_THROWS_AS((t.epoch(fovea::dataset{b, std::tie(wrong, x), classes})), fovea::argument_error);
    std::vector<value_type_of<decltype(b)>> with_nan(12);
    with_nan[5] = std::numeric_limits<value_type_of<decltype(b)>>::quiet_NaN();
    auto const unknown = tensor_from(b, std::array<std::size_t, 2>{3, 4}, with_nan);
    CHECK_THROWS_WITH(t.epoch(fovea::dataset{b, std::tie(words, unknown), classes}),
                      "trainer: feature 1 of row 1 is nan (input 1)");
    CHECK_THROWS_WITH((fovea::dataset{b, std::tie(words, unknown), put({2, 1}, {0, 1})}),
                      "dataset: features have shape (3, 2), targets (2, 1) (input 0)");
    auto const narrow = matrix_of(b, 3, 3, 1);
    CHECK_THROWS_WITH(t.predict(std::tie(words, narrow)),
                      "predict: x has shape {(3, 2), (3, 3)}, expected {(rows, 2), (rows, 4)}");
    CHECK_THROWS_WITH(t.step(std::tie(words, x), put({3, 1}, {0, 3, 1})),
                      "trainer: the class of row 1 is 3, and there are 3");
  });
}

TEST_CASE("a const trainer predicts while nothing else is done, and a model copies its state") {
  on_main_backend([](auto const& b) {
    trainer t{b, normalized, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 4}};
    fovea::dataset const data{b, matrix_of(b, 8, 3, 1), matrix_of(b, 8, 1, 2)};
    t.epoch(data);
    auto const& fixed = t;
    auto const before = to_vector(fixed.predict(data.features));
    auto const copied = fixed.model();
    for (int epoch = 0; epoch != 5; ++epoch) t.epoch(data);
    CHECK(to_vector(copied.predict(data.features)) == before);
    CHECK(to_vector(fixed.predict(data.features)) != before);
    CHECK(fixed.evaluate(data) > 0);
  });
}

TEST_CASE("a saved model keeps its state, as PyTorch names it") {
  auto const path =
      std::filesystem::temp_directory_path() / ("fovea_state_" + std::to_string(::getpid()) + ".safetensors");
  on_main_backend([&](auto const& b) {
    trainer t{b, normalized, fovea::mean_squared_error{}, fovea::adam{}, {.batch_size = 4}};
    fovea::dataset const data{b, matrix_of(b, 8, 3, 1), matrix_of(b, 8, 1, 2)};
    t.epoch(data), t.epoch(data);
    fovea::save(t.model(), path);
    {
      fovea::safetensors_file file(path);
      auto const* count = file.header().find("1.num_batches_tracked");
      REQUIRE(count);
      CHECK(count->dtype == "I64");
      CHECK(count->shape.empty());
      CHECK(file.values<std::int64_t>(*count) == std::vector<std::int64_t>{4});
      CHECK(file.header().find("1.running_var")->shape == std::vector<std::size_t>{4});
      CHECK(file.header().tensors.size() == 9);
    }
    fovea::model loaded{b, normalized, 7};
    fovea::load(loaded, path);
    CHECK(to_vector(loaded.outputs(data.features)) == to_vector(t.outputs(data.features)));
    fovea::model other{b, sequential{linear<3, 4>{}, fovea::relu{}, linear<4, 1>{}}};
    CHECK_THROWS_AS(fovea::load(other, path), fovea::argument_error);
    CHECK_THROWS_AS(fovea::load(other, path, {.any_network = true}), fovea::io_error);
  });
  std::filesystem::remove(path);
}

TEST_CASE("a backend without a default constructor trains and predicts") {
  numbered const b(3);
  fovea::host_tensor<float, 2> const x{{6, 3}, std::vector<float>(18, 0.5f)}, y{{6, 1}, std::vector<float>(6, 1)};
  fovea::dataset const data{b, x, y};
  trainer t{b, normalized, fovea::sigmoid_focal_loss{}, fovea::adam{}, {.batch_size = 4}};
  auto const history = t.fit(data, {.epochs = 2, .validation = &data}, fovea::best_weights{b}, fovea::early_stopping{});
  CHECK(history.size() == 2);
  CHECK(t.predict(x).elements.size() == 6);
  CHECK(fovea::value(b, fovea::mean_squared_error{}, x, x) == 0);
  CHECK(t.model().backend().number == 3);
}

TEST_CASE("sizes that wrap around, and a tensor of other elements than its extents, are refused") {
  fovea::host_backend<float> const b;
  std::size_t const large = std::size_t{1} << 40;  // its square is 0
  CHECK_THROWS_WITH((fovea::model{b, sequential{input<1>{}, fovea::embedding{large, large}, fovea::flatten{}}}),
                    "model: parameter 0.weight has shape (1099511627776, 1099511627776), which no memory holds");
  fovea::model const m{b, sequential{linear<3, 1>{}}};
  fovea::host_tensor<float, 2> const few{{4, 3}, std::vector<float>(11)};
  CHECK_THROWS_WITH(m.predict(few), "host_tensor: extents (4, 3) with 11 elements");
}

TEST_CASE("a prediction's memory stays within its bound, and its bits do not depend on it") {
  numbered const b(0);
  std::size_t const rows = 300, wide = 60'000;  // 300 rows of two buffers would take 144 MB
  fovea::model const m{b, sequential{linear{1, wide}, fovea::tanh{}, linear{wide, 1}}};
  fovea::host_tensor<float, 2> x{{rows, 1}, std::vector<float>(rows)}, one{{1, 1}, {0}};
  for (std::size_t r = 0; r != rows; ++r) x.elements[r] = 0.01f * static_cast<float>(r);
  numbered::largest = 0;
  auto const all = m.predict(x);
  CHECK(numbered::largest <= (std::size_t{64} << 20) + 256);
  for (std::size_t const r : {0u, 149u, 150u, 299u}) {
    one.elements[0] = x.elements[r];
    CHECK(m.predict(one).elements[0] == all.elements[r]);
  }
}

TEST_CASE("an inverse link keeps its value") {
  on_main_backend([](auto const& b) {
    auto const x = matrix_of(b, 5, 3, 1);
    trainer const t{b, sequential{linear<3, 1>{}}, tempered_loss{4}, fovea::sgd{}};
    auto const z = to_vector(t.outputs(x)), p = to_vector(t.predict(x));
    for (std::size_t i = 0; i != 5; ++i)
      CHECK(double{p[i]} == Approx(1 / (1 + std::exp(-double{z[i]} / 4))).epsilon(by_precision(b, 1e-6, 1e-14)));
  });
}

TEST_CASE("a step on class probabilities is a step on their cross-entropy") {
  on_main_backend([](auto const& b) {
    auto const x = matrix_of(b, 6, 3, 1);
    std::vector<double> mixed;
    for (int r = 0; r != 6; ++r) mixed.insert(mixed.end(), {0.5, 0.25, 0.25 * (r % 2), 0.25 * (1 - r % 2)});
    auto const probabilities = tensor_from(b, std::array<std::size_t, 2>{6, 4}, mixed);
    trainer t{b,
              sequential{linear<3, 4>{}},
              fovea::softmax_cross_entropy{.label_smoothing = 0.1},
              fovea::sgd{.learning_rate = 0.5},
              {.batch_size = 6, .shuffle = false}};
    fovea::dataset const data{b, x, probabilities};
    auto const expected =
        fovea::value(b, fovea::softmax_cross_entropy{.label_smoothing = 0.1}, t.outputs(x), probabilities);
    CHECK(double{t.evaluate(data)} == Approx(double{expected}).epsilon(1e-6));
    CHECK(double{t.step(x, probabilities)} == Approx(double{expected}).epsilon(1e-6));
    CHECK(double{t.epoch(data)} < double{expected});
    CHECK_THROWS_AS(t.step(x, matrix_of(b, 6, 3, 2)), fovea::shape_error);
  });
}

TEST_CASE("predict_classes gives the first of the largest outputs, and needs two") {
  fovea::host_backend<float> const b;
  fovea::model m{b, sequential{linear<2, 3>{}}};
  fovea::copy(std::vector<float>{1, 0, 1, 0, 0, 1, 0, 0, 0}, m.parameters().elements);
  fovea::host_tensor<float, 2> const x{{3, 2}, {1, 0, 0, 1, -1, -1}};
  CHECK(m.predict_classes(x).elements == std::vector<std::int32_t>{0, 2, 0});
  CHECK_THROWS_WITH((fovea::model{b, sequential{linear<2, 1>{}}}.predict_classes(x)),
                    "predict_classes: the network has one output; compare its prediction with a threshold");
}
