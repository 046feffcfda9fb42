// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fovea/fovea.hpp>

#include "../backends.hpp"
#include "alone.hpp"
#include "drawn.hpp"
#include "matrix.hpp"

namespace {

/// An independent implementation of dropout: four elements share a counter, and an element is dropped if its word is below
/// p 2^32.
bool is_dropped(double p, std::uint64_t seed, std::uint32_t step, std::uint64_t layer, std::size_t i) {
  auto const at = layer * (std::uint64_t{1} << 48) + i / 4;
  auto const words = fovea::philox({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at >> 32), step, 2},
                                   {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  return std::ldexp(words.values[i % 4], -32) < p;
}

constexpr fovea::sequential net{fovea::linear<3, 40>{}, fovea::relu{}, fovea::dropout{0.4},
                                fovea::linear<40, 7>{}, fovea::tanh{}, fovea::dropout{0.2},
                                fovea::linear<7, 1>{}};

}  // namespace

TEST_CASE("dropout depends on seed, step, layer and element, and rescales the kept elements") {
  for_each_backend([](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    for (std::size_t const rows : {1u, 5u, 129u})
      for (std::size_t const width : odd_widths) {
        INFO(rows << " rows of " << width);
        auto const inputs = drawn(rows * width, width);
        matrix<B> x(b, rows, width, inputs), y(b, rows, width, inputs), dx(b, rows, width, inputs);
        [[maybe_unused]] double const step = 7;  // nvcc does not see its use
        alone one(b, fovea::dropout{0.3}, fovea::extents<fovea::dynamic>({width}));
        one.draw = {11, &step, 0};
        one.layout.place.number = 3;
        one.template run<true>(fovea::read_only(x.span()), y.span(), x.span(), dx.span());
        auto const outputs = to_vector(y.elements);
        for (std::size_t i = 0; i != inputs.size(); ++i)
          REQUIRE(outputs[i] == Approx(is_dropped(0.3, 11, 7, 3, i) ? 0 : inputs[i] / 0.7).epsilon(1e-6));
        CHECK(to_vector(dx.elements) == outputs);
      }
  });
}

TEST_CASE("dropout drops the given share, nothing for 0 and everything for 1") {
  fovea::host_backend<double> const b;
  std::size_t const n = 100'000;
  std::vector<double> const ones(n, 1);
  matrix<fovea::host_backend<double>> x(b, n, 1, ones), y(b, n, 1, ones);
  double const step = 0;
  auto const sum = [&](double p) {
    alone one(b, fovea::dropout{p}, fovea::extents<1>{});
    one.draw = {1, &step};
    one.run<true, false>(fovea::read_only(x.span<1>()), y.span<1>(), fovea::nothing{}, fovea::nothing{});
    double total = 0;
    for (auto const v : to_vector(y.elements)) total += v;
    return total / static_cast<double>(n);
  };
  for (double const p : {0.1, 0.5, 0.9}) CHECK(std::abs(sum(p) - 1) < 5 * std::sqrt(p / (1 - p) / n));
  CHECK(sum(0) == 1);
  CHECK(sum(1) == 0);
}

TEST_CASE("dropout of a part of a step's rows drops what the whole step drops there") {
  fovea::host_backend<double> const b;
  double const step = 4;
  auto const dropped = [&](std::size_t first, std::size_t rows) {
    matrix<fovea::host_backend<double>> x(b, rows, 5, std::vector<double>(rows * 5, 1)),
        y(b, rows, 5, std::vector<double>(rows * 5));
    alone one(b, fovea::dropout{0.5}, fovea::extents<5>{});
    one.draw = {1, &step, 0, first};
    one.run<true, false>(fovea::read_only(x.span<5>()), y.span<5>(), fovea::nothing{}, fovea::nothing{});
    return to_vector(y.elements);
  };
  auto const whole = dropped(0, 9);
  for (std::size_t first = 0; first != 9; ++first)
    for (std::size_t rows = 1; first + rows <= 9; ++rows) {
      auto const part = dropped(first, rows);
      CHECK(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(5 * first)));
    }
}

TEST_CASE("prediction disables dropout") {
  for_each_backend([](auto const& b) {
    auto const x = tensor_from(b, std::array<std::size_t, 2>{9, 3}, drawn(27, 1));
    constexpr fovea::sequential without{fovea::linear<3, 40>{}, fovea::relu{}, fovea::linear<40, 7>{}, fovea::tanh{},
                                        fovea::linear<7, 1>{}};
    fovea::model with{b, net, 5};
    fovea::model plain{b, without, 5};
    REQUIRE(fovea::size(with.parameters()) == fovea::size(plain.parameters()));
    CHECK(to_vector(with.outputs(x)) == to_vector(plain.outputs(x)));
    CHECK(with.named_parameters()[2].name == "3.weight");
  });
}

TEST_CASE("a step's gradient is the derivative of the loss with the same elements dropped") {
  fovea::host_backend<double> const b;
  std::size_t const rows = 6;
  auto const x = tensor_from(b, std::array<std::size_t, 2>{rows, 3}, drawn(rows * 3, 1));
  auto const y = tensor_from(b, std::array<std::size_t, 2>{rows, 1}, std::vector<double>(rows, 1));
  // A step with learning rate 0 from changed parameters. The step number and thus the dropped elements are the same in
  // each run.
  auto const run = [&](std::size_t changed, double by) {
    fovea::trainer t{b, net, fovea::sigmoid_binary_cross_entropy{}, fovea::sgd{.learning_rate = 0}, {.seed = 3}};
    fovea::data(t.parameters())[changed] += by;
    double const loss = t.step(x, y);
    return std::pair{loss, to_vector(t.gradient())};
  };
  auto const gradient = run(0, 0).second;
  double const step = 1e-6;
  for (std::size_t i = 0; i < gradient.size(); i += 3)
    CHECK(gradient[i] == Approx((run(i, step).first - run(i, -step).first) / (2 * step)).epsilon(1e-5).margin(1e-9));
}

TEST_CASE("each step drops other elements, and a run depends only on its seed") {
  for_each_backend([](auto const& b) {
    auto const x = tensor_from(b, std::array<std::size_t, 2>{9, 3}, drawn(27, 1));
    auto const y = tensor_from(b, std::array<std::size_t, 2>{9, 1}, std::vector<double>(9, 1));
    auto const losses = [&] {
      fovea::trainer t{b, net, fovea::mean_squared_error{}, fovea::sgd{.learning_rate = 0}, {.seed = 3}};
      std::vector<double> all;
      for (int i = 0; i != 3; ++i) all.push_back(t.step(x, y));
      return all;
    };
    auto const once = losses();
    CHECK(once == losses());
    CHECK(once[0] != once[1]);
    CHECK(once[1] != once[2]);
  });
}

TEST_CASE("a dropout probability outside [0, 1] is rejected") {
  fovea::host_backend<float> const b;
  constexpr fovea::sequential never{fovea::linear<3, 1>{}, fovea::dropout{1.5}};
  CHECK_THROWS_WITH((fovea::model{b, never}), ContainsSubstring("dropout: p must be in [0, 1], got 1.5"));
}
