// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

#include "../backends.hpp"
#include "alone.hpp"
#include "drawn.hpp"
#include "matrix.hpp"

using fovea::linear;

namespace {

// On the host backend the compiler may or may not contract a * b + c into an FMA, depending on the width.
template <class B>
constexpr bool is_host = std::is_same_v<std::remove_cvref_t<B>, fovea::host_backend<value_type_of<B>>>;

/// A layer's outputs and gradients, all row-major.
template <class T> struct passes {
  std::vector<T> y, dx, dparameters;
  bool operator==(passes const&) const = default;
};

/// The textbook formulas, evaluated in double.
passes<double> textbook(std::size_t rows, std::size_t in, std::size_t out, std::vector<double> const& p,
                        std::vector<double> const& x, std::vector<double> const& dy) {
  passes<double> r{std::vector<double>(rows * out), std::vector<double>(rows * in), std::vector<double>(p.size())};
  for (std::size_t i = 0; i != rows; ++i)
    for (std::size_t o = 0; o != out; ++o) {
      r.y[i * out + o] = p[out * in + o];
      r.dparameters[out * in + o] += dy[i * out + o];
      for (std::size_t k = 0; k != in; ++k) {
        r.y[i * out + o] += x[i * in + k] * p[o * in + k];
        r.dx[i * in + k] += dy[i * out + o] * p[o * in + k];
        r.dparameters[o * in + k] += dy[i * out + o] * x[i * in + k];
      }
    }
  return r;
}

template <class B, std::size_t In, std::size_t Out>
passes<typename B::value_type> run(B const& b, linear<In, Out> const& layer, std::size_t rows,
                                   std::vector<double> const& p, std::vector<double> const& x,
                                   std::vector<double> const& dy) {
  std::size_t const in = layer.in, out = layer.out;
  alone one(b, layer, layer.sample());
  one.parameters = tensor_from(b, std::array{p.size()}, p);
  matrix<B> xs(b, rows, in, x), ys(b, rows, out, dy), dys(b, rows, out, dy), dxs(b, rows, in, x);
  one.template run<true>(fovea::read_only(xs.template span<In>()), ys.template span<Out>(), dys.template span<Out>(),
                         dxs.template span<In>());
  return {to_vector(ys.elements), to_vector(dxs.elements), to_vector(one.gradient)};
}

/// Compares a layer with the textbook formulas on every backend.
template <std::size_t In, std::size_t Out> void is_right(linear<In, Out> const& layer, std::size_t rows) {
  std::size_t const in = layer.in, out = layer.out;
  INFO(rows << " rows, " << in << " to " << out);
  auto const p = drawn(in * out + out, 1), x = drawn(rows * in, 2), dy = drawn(rows * out, 3);
  auto const expected = textbook(rows, in, out, p, x, dy);
  for_each_backend([&](auto const& b) {
    auto const found = run(b, layer, rows, p, x, dy);
    auto const tolerance = by_precision(b, 2e-5, 4e-14);  // for sums of up to 300 products of numbers below 1
    CHECK(max_difference(found.y, expected.y) < tolerance);
    CHECK(max_difference(found.dx, expected.dx) < tolerance);
    CHECK(max_difference(found.dparameters, expected.dparameters) < tolerance);
    if constexpr (In != fovea::dynamic && !is_host<decltype(b)>)
      CHECK(run(b, linear{in, out}, rows, p, x, dy) == found);
  });
}

template <class B, class Net>
std::vector<typename B::value_type> initial(B const& b, Net const& net, std::uint64_t seed) {
  return to_vector(fovea::model(b, net, seed).parameters());
}

}  // namespace

TEST_CASE("linear computes PyTorch's formula and its gradients") {
  for (std::size_t const rows : {1u, 5u, 129u})
    for (auto const in : odd_widths)
      for (auto const out : odd_widths) is_right(linear{in, out}, rows);
}

TEST_CASE("linear gives the same bits for static and run-time widths") {
  for (std::size_t const rows : {1u, 2u, 128u, 129u}) {
    is_right(linear<1, 7>{}, rows);
    is_right(linear<9, 31>{}, rows);
    is_right(linear<17, 33>{}, rows);
    is_right(linear<33, 3>{}, rows);
    is_right(linear<29, 16>{}, rows);
    is_right(linear<8, 1>{}, rows);
    is_right(linear<64, 300>{}, rows);
  }
}

TEST_CASE("linear's initial values are uniform within 1 / sqrt(inputs)") {
  for_each_backend([&](auto const& b) {
    std::size_t const in = 64, out = 1000;
    fovea::sequential const net{linear{in, out}};
    auto const values = initial(b, net, 7);
    REQUIRE(values.size() == in * out + out);
    auto const bound = 1 / std::sqrt(static_cast<double>(in));
    auto const check = [&](auto begin, auto end) {
      auto const n = static_cast<double>(end - begin);
      double sum = 0, squares = 0;
      for (auto i = begin; i != end; ++i) sum += double{*i}, squares += double{*i} * double{*i};
      CHECK(*std::min_element(begin, end) >= -bound);
      CHECK(*std::max_element(begin, end) < bound);
      // four standard errors; a uniform number has variance bound^2 / 3, its square 4 bound^4 / 45
      CHECK(std::abs(sum / n) < 4 * bound / std::sqrt(3 * n));
      CHECK(std::abs(squares / n - bound * bound / 3) < 4 * bound * bound * std::sqrt(4 / (45 * n)));
    };
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(in * out);
    check(values.begin(), middle);
    check(middle, values.end());
    CHECK(initial(b, net, 7) == values);
    CHECK(initial(b, net, 8) != values);
  });
}

TEST_CASE("linear's initial values are the same on every backend") {
  fovea::sequential const net{linear<29, 16>{}, linear{16, 16}, linear<16, 1>{}};
  auto const expected = initial(fovea::host_backend<double>{}, net, 3);
  for_each_backend([&](auto const& b) {
    auto const values = initial(b, net, 3);
    CHECK(max_difference(values, expected) < by_precision(b, 1e-7, 1e-16));
    if constexpr (std::is_same_v<value_type_of<decltype(b)>, float>)
      CHECK(values == initial(fovea::host_backend<float>{}, net, 3));
    else CHECK(values == expected);
  });
}

TEST_CASE("layers of the same shape have different initial values") {
  auto values = initial(fovea::host_backend<double>{}, fovea::sequential{linear<5, 5>{}, linear<5, 5>{}}, 0);
  std::ranges::sort(values);
  CHECK(std::ranges::adjacent_find(values) == values.end());
}

TEST_CASE("linear with a prior initially predicts that probability") {
  for_each_backend([&](auto const& b) {
    auto const p = 0.01;
    auto const plain = initial(b, fovea::sequential{linear<8, 3>{}}, 1);
    auto const values = initial(b, fovea::sequential{linear<8, 3>{.prior = p}}, 1);
    for (std::size_t i = 0; i != 24; ++i) CHECK(values[i] == plain[i]);
    for (std::size_t i = 24; i != 27; ++i)
      CHECK(double{values[i]} == Approx(-std::log((1 - p) / p)).epsilon(by_precision(b, 1e-7, 1e-14)));
  });
}

TEST_CASE("linear rejects widths and priors outside their domain") {
  CHECK_NOTHROW(linear{1, 1}.validate());
  CHECK_THROWS_WITH((linear{0, 1}.validate()), "linear: widths must be at least 1, got 0");
  CHECK_THROWS_AS((linear{1, 0}.validate()), fovea::argument_error);
  for (auto const prior : {0., 1., -0.5, std::nan("")}) {
    linear layer{4, 1};
    layer.prior = prior;
    CHECK_THROWS_AS(layer.validate(), fovea::argument_error);
    CHECK_THROWS_AS((fovea::model{fovea::host_backend<float>{}, fovea::sequential{layer}}), fovea::argument_error);
  }
}

TEST_CASE("linear has PyTorch's parameter names") {
  constexpr linear<29, 16> layer;
  STATIC_REQUIRE(fovea::parameter_count(layer, layer.sample()) == 480);
  auto const parameters = layer.parameters(layer.sample());
  CHECK(parameters[0].name == "weight");
  CHECK(to_string(parameters[0].extents) == "(16, 29)");
  CHECK(parameters[1].name == "bias");
  CHECK(to_string(parameters[1].extents) == "(16,)");
}
