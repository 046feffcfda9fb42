// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/layers/activation.hpp>

#include "../backends.hpp"
#include "drawn.hpp"
#include "formulas.hpp"
#include "matrix.hpp"

namespace {

using fovea::activation;

/// Compares an activation's outputs and slopes with functions on double.
template <class F, class Value, class Slope>
void is(activation<F> const& layer, Value const& value, Slope const& slope) {
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    using B = std::remove_cvref_t<decltype(b)>;
    for (std::size_t const rows : {1u, 5u, 129u})
      for (std::size_t const width : odd_widths) {
        auto const n = rows * width;
        auto inputs = drawn(n, width), upstream = drawn(n, width + 100);
        for (auto& v : inputs) v *= 8;
        inputs[n / 2] = 0;
        matrix<B> x(b, rows, width, inputs), y(b, rows, width, inputs), dy(b, rows, width, upstream),
            dx(b, rows, width, inputs);
        layer.forward(b, static_cast<T const*>(nullptr), x.span(), y.span());
        layer.backward(b, static_cast<T const*>(nullptr), x.span(), y.span(), dy.span(), dx.span(),
                       static_cast<T*>(nullptr));
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

TEST_CASE("an activation skips the input gradient if it is not requested") {
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    matrix<std::remove_cvref_t<decltype(b)>> x(b, 2, 3, drawn(6, 1));
    auto nowhere = x.span();
    nowhere.elements = nullptr;
    fovea::tanh{}.backward(b, static_cast<T const*>(nullptr), x.span(), x.span(), x.span(), nowhere,
                           static_cast<T*>(nullptr));
    CHECK(to_vector(x.elements) == to_vector(tensor_from(b, std::array<std::size_t, 2>{2, 3}, drawn(6, 1))));
  });
}

TEST_CASE("an activation has no parameters and accepts any width") {
  constexpr fovea::relu relu;
  STATIC_REQUIRE(fovea::parameter_count(relu, 7) == 0);
  STATIC_REQUIRE(relu.outputs(7) == 7);
  STATIC_REQUIRE(relu.inputs() == fovea::any_width);
  STATIC_REQUIRE(fovea::relu::output_width<5> == 5);
}
