// SPDX-License-Identifier: MIT
// Every activation against PyTorch, or 400-bit arithmetic where PyTorch's slopes cancel in the tails.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/layers/activations.hpp>
#include <fovea/layers/glu.hpp>
#include <fovea/layers/prelu.hpp>
#include <fovea/layers/softmax.hpp>

#include "../contract_fixture.hpp"
#include "../scalar/accuracy.hpp"
#include "alone.hpp"
#include "matrix.hpp"

namespace {

template <class F> struct named_activation {
  char const* fixture;
  fovea::activation<F> layer;
};
template <class F> named_activation(char const*, fovea::activation<F>) -> named_activation<F>;

// The first ones are smooth, and tend to 0 or a line.
constexpr std::tuple all_activations{named_activation{"exact/silu", fovea::silu{}},
                                     named_activation{"exact/mish", fovea::mish{}},
                                     named_activation{"exact/gelu", fovea::gelu{}},
                                     named_activation{"exact/gelu_tanh", fovea::gelu_tanh{}},
                                     named_activation{"exact/softplus", fovea::softplus{}},
                                     named_activation{"exact/softplus_2.5", fovea::softplus{{.beta = 2.5}}},
                                     named_activation{"exact/log_sigmoid", fovea::log_sigmoid{}},
                                     named_activation{"exact/elu", fovea::elu{}},
                                     named_activation{"exact/elu_1.5", fovea::elu{{.alpha = 1.5}}},
                                     named_activation{"exact/celu_1.5", fovea::celu{{.alpha = 1.5}}},
                                     named_activation{"exact/selu", fovea::selu{}},
                                     named_activation{"exact/softsign", fovea::softsign{}},
                                     named_activation{"torch/leaky_relu", fovea::leaky_relu{}},
                                     named_activation{"torch/leaky_relu_0.25", fovea::leaky_relu{{0.25}}},
                                     named_activation{"torch/hard_sigmoid", fovea::hard_sigmoid{}},
                                     named_activation{"torch/hard_swish", fovea::hard_swish{}},
                                     named_activation{"torch/hard_tanh", fovea::hard_tanh{}},
                                     named_activation{"torch/hard_tanh_-2_3", fovea::hard_tanh{{-2, 3}}},
                                     named_activation{"torch/relu6", fovea::relu6{}}};
constexpr std::size_t activation_count = std::tuple_size_v<decltype(all_activations)>;

template <class F> constexpr void for_each_activation(F const& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (f(I, std::get<I>(all_activations)), ...);
  }(std::make_index_sequence<activation_count>{});
}

/// One of them, chosen when it runs: the layer is compiled once for all.
struct chosen_activation {
  std::size_t index = 0;
  template <fovea::real T> constexpr T operator()(T const& x) const {
    T result = x;
    for_each_activation([&](std::size_t i, auto const& named) {
      if (i == index) result = named.layer.formula(x);
    });
    return result;
  }
};

/// The outputs and the slopes of the layer on these inputs.
template <class B> std::array<std::vector<double>, 2> run(B const& b, std::size_t index, std::vector<double> const& x) {
  auto const n = x.size();
  matrix<B> in(b, n, 1, x), y = in, dx = in, dy(b, n, 1, std::vector<double>(n, 1));
  alone one(b, fovea::activation{chosen_activation{index}}, fovea::extents<fovea::dynamic>({1}));
  one.template run<true>(fovea::read_only(in.span()), y.span(), dy.span(), dx.span());
  return {to_doubles(to_vector(y.elements)), to_doubles(to_vector(dx.elements))};
}

std::vector<double> fixture(std::string const& name) { return contract_fixture("activations", name, "catalogue"); }

/// A layer on the batch of a fixture: outputs and gradients, in training.
template <class L, class Sample> void follows_torch(char const* name, L const& layer, Sample const& sample) {
  auto const check = [&](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    using T = value_type_of<B>;
    INFO(name);
    auto const get = [&](char const* part) { return fixture(name + std::string("/") + part); };
    auto const rows = get("x").size() / sample.size();
    auto const made = layer.output(sample);
    owned_batch<B, T, Sample> x(b, sample, rows, get("x")), dx = x;
    owned_batch<B, T, std::remove_cvref_t<decltype(made)>> y(b, made, rows, get("y")), dy(b, made, rows, get("dy"));
    y.set(std::vector<double>(get("y").size()));
    alone one(b, layer, sample);
    one.template run<true>(x.read(), y.span(), dy.span(), dx.span());
    auto const tolerance = by_precision(b, 2e-6, 1e-14);
    CHECK(max_difference(y.get(), get("y")) < tolerance);
    CHECK(max_difference(dx.get(), get("dx")) < tolerance);
    if (one.layout.parameter_count == 0) return;
    CHECK(to_doubles(to_vector(one.parameters)) == get("weight"));
    CHECK(max_difference(to_doubles(to_vector(one.gradient)), get("gradient")) < 4 * tolerance);
    one.template run<true, true, true>(x.read(), y.span(), dy.span(), dx.span());
    auto twice = get("gradient");
    for (auto& g : twice) g *= 2;
    CHECK(max_difference(to_doubles(to_vector(one.gradient)), twice) < 8 * tolerance);
  };
  check(fovea::host_backend<double>{});
  check(main_backend<float>{});
}

}  // namespace

TEST_CASE("activations match their references") {
  for_each_backend([](auto const& b) {
    for_each_activation([&](std::size_t i, auto const& named) {
      INFO(named.fixture);
      auto const all = fixture(named.fixture);
      auto const n = static_cast<std::ptrdiff_t>(all.size() / 3);
      std::vector<double> const x(all.begin(), all.begin() + n), y(all.begin() + n, all.begin() + 2 * n),
          slopes(all.begin() + 2 * n, all.end());
      auto const found = run(b, i, x);
      bool const exact = std::string(named.fixture).starts_with("exact/");
      double const most = by_precision(b, 2e-6, 1e-10), least = by_precision(b, 1e-3, exact ? 1e-12 : 1);
      for (std::size_t k = 0; k != x.size(); ++k) {
        INFO("at " << x[k] << ": " << found[0][k] << " and " << found[1][k]);
        CHECK(std::abs(found[0][k] - y[k]) <= most * std::max(least, std::abs(y[k])));
        CHECK(std::abs(found[1][k] - slopes[k]) <= most * std::max(least, std::abs(slopes[k])));
      }
    });
  });
}

TEST_CASE("activations are finite and accurate at every float, and at infinity none is NaN") {
  auto inputs = accuracy::every_logit<float>();
  std::vector<double> const x(inputs.begin(), inputs.end());
  auto const infinity = std::numeric_limits<double>::infinity();
  auto const check = [&](auto const& b) {
    for_each_activation([&](std::size_t i, auto const& named) {
      INFO(named.fixture);
      auto const found = run(b, i, x), truth = run(fovea::host_backend<double>{}, i, x);
      accuracy::largest value, slope;
      for (std::size_t k = 0; k != x.size(); ++k) {
        if (!std::isinf(static_cast<float>(truth[0][k])))
          value.see(std::abs(found[0][k] - truth[0][k]) / std::max(0.1, std::abs(truth[0][k])), "at", x[k], "found",
                    found[0][k], "not", truth[0][k]);
        slope.see(std::abs(found[1][k] - truth[1][k]), "at", x[k], "found", found[1][k], "not", truth[1][k]);
      }
      CAPTURE(value.where(), slope.where());
      CHECK(value.error() < 2e-6);
      CHECK(slope.error() < 2e-6);
      auto const far_out = run(b, i, {-infinity, infinity});
      for (auto const& part : far_out)
        for (double const v : part) CHECK_FALSE(std::isnan(v));
    });
  };
  check(fovea::host_backend<float>{});
  check(main_backend<float>{});
}

TEST_CASE("an activation with a slope from its output has the slope of its formula") {
  auto const same = [](auto const& formula, std::vector<double> const& inputs) {
    for (double const x : inputs)
      CHECK(formula.slope_from_output(formula(x)) == fovea::value_and_slope(formula, x).slope);
  };
  std::vector<double> const inputs{-1e300, -4, -2, -1e-3, 0, 1e-3, 2, 4, 7, 1e300};
  same(fovea::leaky_relu_formula{0.25}, inputs);
  same(fovea::relu6_formula{}, inputs);
  same(fovea::hard_sigmoid_formula{}, inputs);
}

TEST_CASE("layers of halves, of rows and with weights match PyTorch") {
  follows_torch("glu", fovea::glu{}, fovea::extents<6>{});
  follows_torch("swiglu", fovea::swiglu{}, fovea::extents<fovea::dynamic>({6}));
  follows_torch("log_softmax", fovea::log_softmax{}, fovea::extents<7>{});
  follows_torch("prelu", fovea::prelu{}, fovea::extents<3, 5>{});
  follows_torch("prelu_3", fovea::prelu{.num_parameters = 3, .init = 0.5}, fovea::extents<3, 5>{});
}

TEST_CASE("activations have domains") {
  CHECK_THROWS_WITH(fovea::leaky_relu{{-1}}.validate(),
                    "leaky_relu: negative_slope must be finite and not negative, got -1");
  CHECK_THROWS_AS(fovea::elu{{NAN}}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::celu{{0}}.validate(), fovea::argument_error);
  CHECK_THROWS_AS(fovea::softplus{{0}}.validate(), fovea::argument_error);
  CHECK_THROWS_AS((fovea::hard_tanh{{1, 1}}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((fovea::prelu{.num_parameters = 0}.validate()), fovea::argument_error);
  CHECK_THROWS_AS(fovea::prelu{.num_parameters = 2}.output(fovea::extents<3>{}), fovea::shape_error);
  CHECK_THROWS_AS(fovea::glu{}.output(fovea::extents<fovea::dynamic>({5})), fovea::shape_error);
}
