// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/io/npy.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "drawn.hpp"
#include "formulas.hpp"
#include "matrix.hpp"

using fovea::activation;
using fovea::linear;
using fovea::sequential;

namespace {

/// A network at certain parameters and rows: its outputs, a loss and the loss's gradient in the parameters.
template <class T> struct pass {
  std::vector<T> outputs;
  double loss;
  std::vector<T> gradient;
};

template <class B, class Net, class Loss = fovea::mean_squared_error>
pass<typename B::value_type> run(B const& b, Net const& net, std::size_t rows, std::vector<double> const& parameters,
                                 std::vector<double> const& inputs, std::vector<double> const& targets,
                                 Loss const& loss = {}) {
  fovea::trainer trainer{b, net, loss, fovea::sgd{.learning_rate = 0}};
  fovea::copy(tensor_from(b, std::array{parameters.size()}, parameters), trainer.parameters());
  matrix<B> const x(b, rows, net.inputs(), inputs), y(b, rows, net.outputs(), targets);
  double const value = trainer.step(x.elements, y.elements);
  return {to_vector(trainer.outputs(x.elements)), value, to_vector(trainer.gradient())};
}

template <class T> double farthest(std::vector<T> const& found, std::vector<double> const& expected) {
  REQUIRE(found.size() == expected.size());
  double most = 0;
  for (std::size_t i = 0; i != found.size(); ++i) most = std::max(most, std::abs(double{found[i]} - expected[i]));
  return most;
}
std::vector<double> in_double(std::vector<float> const& v) { return {v.begin(), v.end()}; }
std::vector<double> in_double(std::vector<double> const& v) { return v; }

std::vector<double> fixture(std::string const& name) {
  return fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/layers/" + name + ".npy").values;
}

/// The gradient against central differences, in double: every parameter, or 60 of them.
template <class B, class Net, class Loss = fovea::mean_squared_error>
void has_its_gradient(B const& b, Net const& net, std::size_t rows, Loss const& loss = {}) {
  auto const n = net.parameter_count();
  auto parameters = drawn(n, 1);
  for (auto& p : parameters) p *= 0.7;
  auto const x = drawn(rows * net.inputs(), 2);
  auto y = drawn(rows * net.outputs(), 3);
  for (auto& v : y) v = v > 0;
  auto const found = run(b, net, rows, parameters, x, y, loss).gradient;
  double most = 0;
  for (std::size_t i = 0; i < n; i += n / 60 + 1) {
    auto const h = 1e-5, at = parameters[i];
    parameters[i] = at + h;
    auto const above = run(b, net, rows, parameters, x, y, loss).loss;
    parameters[i] = at - h;
    auto const below = run(b, net, rows, parameters, x, y, loss).loss;
    parameters[i] = at;
    most = std::max(most, std::abs(found[i] - (above - below) / (2 * h)));
  }
  CHECK(most < 1e-9);
}
template <class Net, class Loss = fovea::mean_squared_error>
void has_its_gradient(Net const& net, std::size_t rows, Loss const& loss = {}) {
  has_its_gradient(fovea::host<double>{}, net, rows, loss);
  has_its_gradient(main_backend<double>{}, net, rows, loss);
}

/// Two networks of one formula, of which the second cannot fuse: all rows of the outputs, the loss and every gradient.
template <class Fused, class Unfused> void are_twins(Fused const& fused, Unfused const& unfused) {
  for_each_backend([&](auto const& b) {
    for (std::size_t const rows : {1, 2, 16, 127, 128, 129}) {
      INFO(rows << " rows, " << fused.inputs() << " inputs");
      auto const parameters = drawn(fused.parameter_count(), 4), x = drawn(rows * fused.inputs(), 5),
                 y = drawn(rows * fused.outputs(), 6);
      auto const one = run(b, fused, rows, parameters, x, y), other = run(b, unfused, rows, parameters, x, y);
      auto const tolerance = by_precision(b, 1e-6, 1e-15);
      CHECK(farthest(one.outputs, in_double(other.outputs)) <= 4 * tolerance);
      CHECK(std::abs(one.loss - other.loss) <= tolerance * other.loss);
      CHECK(farthest(one.gradient, in_double(other.gradient)) <= 4 * tolerance);
    }
  });
}

constexpr activation<plain<fovea::relu_formula>> plain_relu;
constexpr activation<plain<fovea::tanh_formula>> plain_tanh;
constexpr activation<plain<fovea::sigmoid_formula>> plain_sigmoid;

}  // namespace

TEST_CASE("layers one after the other give PyTorch's outputs and gradients") {
  auto const parameters = fixture("parameters"), inputs = fixture("inputs"), targets = fixture("targets"),
             output_gradients = fixture("output_gradients");
  std::size_t const rows = 11;
  for_each_backend([&](auto const& b) {
    using B = std::remove_cvref_t<decltype(b)>;
    using T = value_type_of<B>;
    linear<7, 5> const first;
    linear<5, 3> const second;
    auto const weights = tensor_from(b, std::array{parameters.size()}, parameters);
    auto gradients = tensor_from(b, std::array{parameters.size()}, parameters);
    std::vector<double> const zeros(rows * 7);
    auto const blank = [&](std::size_t columns) {
      return matrix<B>(b, rows, columns, std::vector<double>(rows * columns));
    };
    matrix<B> x(b, rows, 7, inputs), dz(b, rows, 3, output_gradients);
    auto a = blank(5), hidden = blank(5), z = blank(3), outputs = blank(3), dx = blank(7), da = blank(5),
         dhidden = blank(5), dsum = blank(3);
    auto const* p = fovea::data(weights);
    auto* dp = fovea::data(gradients);
    T* const none = nullptr;
    first.forward(b, p, x.span(), a.span());
    fovea::tanh{}.forward(b, p, a.span(), hidden.span());
    second.forward(b, p + 40, hidden.span(), z.span());
    fovea::sigmoid{}.forward(b, p, z.span(), outputs.span());
    fovea::sigmoid{}.backward(b, p, z.span(), outputs.span(), dz.span(), dsum.span(), none);
    second.backward(b, p + 40, hidden.span(), z.span(), dsum.span(), dhidden.span(), dp + 40);
    fovea::tanh{}.backward(b, p, a.span(), hidden.span(), dhidden.span(), da.span(), none);
    first.backward(b, p, x.span(), a.span(), da.span(), dx.span(), dp);
    auto const tolerance = by_precision(b, 2e-6, 1e-14);
    CHECK(farthest(to_vector(hidden.elements), fixture("hidden")) < tolerance);
    CHECK(farthest(to_vector(outputs.elements), fixture("outputs")) < tolerance);
    CHECK(farthest(to_vector(dhidden.elements), fixture("hidden_gradients")) < tolerance);
    CHECK(farthest(to_vector(dx.elements), fixture("input_gradients")) < tolerance);
    CHECK(farthest(to_vector(gradients), fixture("parameter_gradients")) < tolerance);
  });
}

TEST_CASE("sequential gives PyTorch's outputs, loss and gradients") {
  auto const check = [](auto const& net) {
    for_each_backend([&](auto const& b) {
      auto const found = run(b, net, 11, fixture("parameters"), fixture("inputs"), fixture("targets"));
      auto const tolerance = by_precision(b, 2e-6, 1e-14);
      CHECK(farthest(found.outputs, fixture("outputs")) < tolerance);
      CHECK(found.loss * 33 == Approx(fixture("loss")[0]).epsilon(tolerance));  // the fixture's is a sum
      auto gradient = in_double(found.gradient);
      for (auto& g : gradient) g *= 33;
      CHECK(farthest(gradient, fixture("parameter_gradients")) < tolerance);
    });
  };
  check(sequential{linear<7, 5>{}, fovea::tanh{}, linear<5, 3>{}, fovea::sigmoid{}});
  check(sequential{linear{7, 5}, plain_tanh, linear{5, 3}, plain_sigmoid});
}

TEST_CASE("sequential's gradient is its outputs' derivative, for odd widths") {
  for (std::size_t i = 0; i != std::size(odd_widths); ++i) {
    auto const in = odd_widths[i], hidden = odd_widths[(i + 4) % 10], out = odd_widths[(i + 7) % 10];
    for (std::size_t const rows : {1, 129}) {
      INFO(rows << " rows, " << in << " to " << hidden << " to " << out);
      has_its_gradient(sequential{linear{in, hidden}, fovea::tanh{}, linear{hidden, out}}, rows);
    }
  }
}

TEST_CASE("sequential's gradient is its outputs' derivative, for static widths and a loss on logits") {
  sequential const net{linear<29, 16>{}, fovea::tanh{}, linear<16, 8>{}, fovea::sigmoid{}, linear<8, 1>{}};
  for (std::size_t const rows : {1, 7, 129})
    has_its_gradient(net, rows, fovea::sigmoid_focal_loss{.gamma = 2, .alpha = 0.25});
}

TEST_CASE("sequential's gradient is its outputs' derivative, whatever stands beside what") {
  for (std::size_t const rows : {1, 5}) {
    has_its_gradient(sequential{linear<3, 2>{}}, rows);
    has_its_gradient(
        sequential{activation{swish{}}, linear<3, 5>{}, activation{swish{2}}, linear<5, 2>{}, activation{swish{}}},
        rows);
    has_its_gradient(sequential{linear<3, 4>{}, linear<4, 5>{}, linear<5, 2>{}}, rows);
    has_its_gradient(
        sequential{linear<3, 4>{}, fovea::tanh{}, fovea::sigmoid{}, activation{swish{}}, linear<4, 2>{}, fovea::tanh{}},
        rows);
    has_its_gradient(sequential{fovea::sigmoid{}, fovea::tanh{}, linear{3, 2}, fovea::sigmoid{}, fovea::tanh{}}, rows);
  }
}

TEST_CASE("fused stages give what their unfused twins give") {
  are_twins(
      sequential{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}, fovea::sigmoid{}},
      sequential{linear<29, 16>{}, plain_relu, linear<16, 8>{}, plain_relu, linear<8, 1>{}, plain_sigmoid});
  for (std::size_t i = 0; i != std::size(odd_widths); ++i) {
    auto const in = odd_widths[i], hidden = odd_widths[(i + 3) % 10], out = odd_widths[(i + 5) % 10];
    are_twins(sequential{linear{in, hidden}, fovea::relu{}, linear{hidden, out}, fovea::tanh{}},
              sequential{linear{in, hidden}, plain_relu, linear{hidden, out}, plain_tanh});
  }
}

TEST_CASE("sequential knows its widths and parameters") {
  constexpr sequential net{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}};
  STATIC_REQUIRE(net.inputs() == 29);
  STATIC_REQUIRE(net.outputs() == 1);
  STATIC_REQUIRE(net.width(2) == 16);
  STATIC_REQUIRE(net.parameter_count() == 625);
  STATIC_REQUIRE(decltype(net)::fused<1>());
  STATIC_REQUIRE(!decltype(sequential{linear{2, 3}, plain_relu})::fused<1>());
  std::vector<std::tuple<std::string, std::string, std::size_t>> found;
  net.for_each_parameter(
      [&](std::string name, fovea::shape const& s, std::size_t at) { found.emplace_back(name, to_string(s), at); });
  CHECK(found == decltype(found){{"0.weight", "(16, 29)", 0},
                                 {"0.bias", "(16,)", 464},
                                 {"2.weight", "(8, 16)", 480},
                                 {"2.bias", "(8,)", 608},
                                 {"4.weight", "(1, 8)", 616},
                                 {"4.bias", "(1,)", 624}});
}

TEST_CASE("sequential refuses run-time widths that do not fit") {
  CHECK_THROWS_WITH((sequential{linear{29, 16}, fovea::relu{}, linear{17, 8}}),
                    "sequential: layer 2 takes 17 features, the layer before it gives 16");
  CHECK_THROWS_AS((sequential{linear{29, 16}, linear<17, 8>{}}), fovea::shape_error);
  CHECK_THROWS_AS((sequential{linear<29, 16>{}, linear{15, 8}}), fovea::shape_error);
  CHECK_NOTHROW(sequential{linear<29, 16>{}, linear{16, 8}});
  CHECK_NOTHROW(sequential{fovea::relu{}, linear{29, 16}});
}
