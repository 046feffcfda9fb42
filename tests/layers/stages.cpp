// SPDX-License-Identifier: MIT
// Checks a network's stages against each other: gradients against outputs, fused stages against their unfused twins.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <vector>

#include <fovea/losses/sigmoid_focal_loss.hpp>

#include "drawn.hpp"
#include "pass.hpp"

namespace {

/// Checks the gradient against central differences in double, for at most about 60 parameters.
template <class B, class Net, class Loss = fovea::mean_squared_error>
void has_its_gradient(B const& b, Net const& net, std::size_t rows, Loss const& loss = {}) {
  auto const n = parameters_in(net);
  auto parameters = drawn(n, 1);
  for (auto& p : parameters) p *= 0.7;
  auto const x = drawn(rows * inputs_of(net), 2);
  auto y = drawn(rows * outputs_of(net), 3);
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
  has_its_gradient(fovea::host_backend<double>{}, net, rows, loss);
  has_its_gradient(main_backend<double>{}, net, rows, loss);
}

/// Compares the outputs, loss and gradients of two networks that compute the same formula; the second cannot be fused.
template <class Fused, class Unfused> void are_twins(Fused const& fused, Unfused const& unfused) {
  for_each_backend([&](auto const& b) {
    for (std::size_t const rows : {1, 2, 16, 127, 128, 129}) {
      INFO(rows << " rows, " << inputs_of(fused) << " inputs");
      auto const parameters = drawn(parameters_in(fused), 4), x = drawn(rows * inputs_of(fused), 5),
                 y = drawn(rows * outputs_of(fused), 6);
      auto const one = run(b, fused, rows, parameters, x, y), other = run(b, unfused, rows, parameters, x, y);
      auto const tolerance = by_precision(b, 1e-6, 1e-15);
      CHECK(max_difference(one.outputs, to_doubles(other.outputs)) <= 4 * tolerance);
      CHECK(std::abs(one.loss - other.loss) <= tolerance * other.loss);
      CHECK(max_difference(one.gradient, to_doubles(other.gradient)) <= 4 * tolerance);
    }
  });
}

}  // namespace

TEST_CASE("sequential's gradient matches finite differences for odd widths") {
  for (std::size_t i = 0; i != std::size(odd_widths); ++i) {
    auto const in = odd_widths[i], hidden = odd_widths[(i + 4) % 10], out = odd_widths[(i + 7) % 10];
    for (std::size_t const rows : {1, 129}) {
      INFO(rows << " rows, " << in << " to " << hidden << " to " << out);
      has_its_gradient(sequential{linear{in, hidden}, fovea::tanh{}, linear{hidden, out}}, rows);
    }
  }
}

TEST_CASE("sequential's gradient matches finite differences for static widths and a loss on logits") {
  sequential const net{linear<29, 16>{}, fovea::tanh{}, linear<16, 8>{}, fovea::sigmoid{}, linear<8, 1>{}};
  for (std::size_t const rows : {1, 7, 129})
    has_its_gradient(net, rows, fovea::sigmoid_focal_loss{.gamma = 2, .alpha = 0.25});
}

TEST_CASE("sequential's gradient matches finite differences for any order of layers") {
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

TEST_CASE("fused stages agree with their unfused twins") {
  are_twins(
      sequential{linear<29, 16>{}, fovea::relu{}, linear<16, 8>{}, fovea::relu{}, linear<8, 1>{}, fovea::sigmoid{}},
      sequential{linear<29, 16>{}, plain_relu, linear<16, 8>{}, plain_relu, linear<8, 1>{}, plain_sigmoid});
  for (std::size_t i = 0; i != std::size(odd_widths); ++i) {
    auto const in = odd_widths[i], hidden = odd_widths[(i + 3) % 10], out = odd_widths[(i + 5) % 10];
    are_twins(sequential{linear{in, hidden}, fovea::relu{}, linear{hidden, out}, fovea::tanh{}},
              sequential{linear{in, hidden}, plain_relu, linear{hidden, out}, plain_tanh});
  }
}
