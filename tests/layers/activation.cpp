// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/layers/activation.hpp>

#include "../backends.hpp"
#include "alone.hpp"
#include "drawn.hpp"
#include "formulas.hpp"
#include "matrix.hpp"

namespace {

using fovea::activation;

/// Compares an activation's outputs and slopes with functions on double.
template <class F, class Value, class Slope>
void is(activation<F> const& layer, Value const& value, Slope const& slope) {
  for_each_backend([&](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    for (std::size_t const rows : {1u, 5u, 129u})
      for (std::size_t const width : odd_widths) {
        auto const n = rows * width;
        auto inputs = drawn(n, width), upstream = drawn(n, width + 100);
        for (auto& v : inputs) v *= 8;
        inputs[n / 2] = 0;
        matrix<B> x(b, rows, width, inputs), y(b, rows, width, inputs), dy(b, rows, width, upstream),
            dx(b, rows, width, inputs);
        alone one(b, layer, fovea::extents<fovea::dynamic>({width}));
        one.template run<true>(fovea::read_only(x.span()), y.span(), dy.span(), dx.span());
        double farthest = 0;
        auto const outputs = to_vector(y.elements), slopes = to_vector(dx.elements);
        for (std::size_t i = 0; i != n; ++i) {
          farthest = std::max(farthest, std::abs(outputs[i] - value(inputs[i])));
          farthest = std::max(farthest, std::abs(slopes[i] - upstream[i] * slope(inputs[i])));
        }
        INFO(rows << " rows of " << width);
        CHECK(farthest < by_precision(b, 2e-6, 1e-14));
      }
  });
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST_CASE("activations compute their formula and its slope") {
  is(
      fovea::relu{}, [](double x) { return std::max(x, 0.); }, [](double x) { return x > 0 ? 1. : 0.; });
  is(fovea::sigmoid{}, logistic, [](double x) { return logistic(x) * logistic(-x); });
  is(
      fovea::tanh{}, [](double x) { return std::tanh(x); }, [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); });
}

TEST_CASE("a user's own formula works as an activation") {
  is(
      activation{swish{1.5}}, [](double x) { return x * logistic(1.5 * x); },
      [](double x) { return logistic(1.5 * x) + 1.5 * x * logistic(1.5 * x) * logistic(-1.5 * x); });
  static_assert(fovea::layer<activation<swish>>);
}

TEST_CASE("an activation's slope from the output equals the slope from a dual number") {
  is(
      activation{plain<fovea::relu_formula>{}}, [](double x) { return std::max(x, 0.); },
      [](double x) { return x > 0 ? 1. : 0.; });
  is(
      activation{plain<fovea::tanh_formula>{}}, [](double x) { return std::tanh(x); },
      [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); });
}

TEST_CASE("an activation has no parameters and keeps any sample") {
  constexpr fovea::relu relu;
  constexpr fovea::extents<3, 5> sample;
  STATIC_REQUIRE(fovea::parameter_count(relu, sample) == 0);
  STATIC_REQUIRE(std::same_as<fovea::output_of<fovea::relu, fovea::extents<3, 5>>, fovea::extents<3, 5>>);
  STATIC_REQUIRE(!fovea::knows_sample<fovea::relu>);
}
