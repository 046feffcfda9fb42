// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "formulas.hpp"
#include "matrix.hpp"

using fovea::activation;
using fovea::linear;
using fovea::sequential;

template <class Net> constexpr std::size_t inputs_of(Net const& net) { return net.sample().size(); }
template <class Net> constexpr std::size_t outputs_of(Net const& net) { return net.output(net.sample()).size(); }
template <class Net> constexpr std::size_t parameters_in(Net const& net) { return fovea::parameter_count(net); }

/// The outputs of a network for given parameters and rows, a loss, and the loss's gradient in the parameters.
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
  matrix<B> const x(b, rows, inputs_of(net), inputs), y(b, rows, outputs_of(net), targets);
  double const value = trainer.step(x.elements, y.elements);
  return {to_vector(trainer.outputs(x.elements)), value, to_vector(trainer.gradient())};
}

constexpr activation<plain<fovea::relu_formula>> plain_relu;
constexpr activation<plain<fovea::tanh_formula>> plain_tanh;
constexpr activation<plain<fovea::sigmoid_formula>> plain_sigmoid;
