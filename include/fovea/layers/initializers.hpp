// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fovea/scalar/random.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/validate.hpp>

/// PyTorch's torch.nn.init: what a parameter's numbers are at first. `initialize` (training/initialize.hpp) writes them into a model.
namespace fovea::init {

/// The numbers of one parameter, to be written, and the source of random numbers: the seed, and the index of the parameter's first
/// number in the model, so that two parameters of one shape get different numbers.
struct target {
  shape extents;
  std::vector<double>& numbers;
  std::uint64_t seed, first;

  double uniform(std::size_t i) const {
    return fovea::uniform<double>(seed, random_stream::initial_parameters, 0, first + i);
  }
  double normal(std::size_t i, std::uint32_t draw = 0) const {
    return fovea::normal<double>(seed, random_stream::initial_parameters, draw, first + i);
  }
  /// The numbers of inputs of an output, and of outputs of an input: PyTorch's fan_in and fan_out. Throws `shape_error` for a vector.
  std::size_t fan_in() const { return matrix().size() / extents[0]; }
  std::size_t fan_out() const { return matrix().size() / extents[1]; }
  /// The shape, of at least two dimensions.
  shape const& matrix() const {
    if (extents.rank() < 2)
      throw shape_error("init: a parameter of shape " + to_string(extents) + " has no inputs and outputs");
    return extents;
  }
};

/// An initializer writes the numbers of one parameter.
///
/// Law: the numbers are a function of the target and of the initializer's members.
/// Counter-example: one that draws from a generator of its own; two runs would begin with other numbers.
template <class Rule>
concept initializer = requires(Rule const rule, target const& to) { rule(to); };

/// One number: PyTorch's constant_.
struct constant {
  double val = 0;
  void operator()(target const& to) const { std::fill(to.numbers.begin(), to.numbers.end(), val); }
};
/// Zeros: PyTorch's zeros_.
struct zeros {
  void operator()(target const& to) const { constant{0}(to); }
};
/// Ones: PyTorch's ones_.
struct ones {
  void operator()(target const& to) const { constant{1}(to); }
};
/// Ones on the diagonal of a matrix, else zeros: PyTorch's eye_.
struct eye {
  void operator()(target const& to) const {
    zeros{}(to);
    auto const columns = to.fan_in(), diagonal = (std::min)(to.extents[0], columns);
    for (std::size_t i = 0; i != diagonal; ++i) to.numbers[i * columns + i] = 1;
  }
};
/// Uniform in [a, b).
struct uniform {
  double a = 0, b = 1;
  void operator()(target const& to) const {
    for (std::size_t i = 0; i != to.numbers.size(); ++i) to.numbers[i] = a + (b - a) * to.uniform(i);
  }
};
/// Numbers of a normal distribution: PyTorch's normal_.
struct normal {
  double mean = 0, std = 1;
  void operator()(target const& to) const {
    for (std::size_t i = 0; i != to.numbers.size(); ++i) to.numbers[i] = mean + std * to.normal(i);
  }
};
/// Normal, drawn again until it is in [a, b]: PyTorch's trunc_normal_. Throws `argument_error` where that takes a hundred draws.
struct truncated_normal {
  double mean = 0, std = 1, a = -2, b = 2;
  void operator()(target const& to) const {
    double const low = (a - mean) / std, high = (b - mean) / std;
    auto const below = [](double x) { return std::erfc(-x / std::sqrt(2.)) / 2; };
    require(below(high) - below(low) >= 0.01, "init::truncated_normal: [a, b] has hardly a number; its lower end", a);
    for (std::size_t i = 0; i != to.numbers.size(); ++i)
      for (std::uint32_t draw = 0;; draw += 64)
        if (double const x = to.normal(i, draw); x >= low && x <= high) {
          to.numbers[i] = mean + std * x;
          break;
        }
  }
};

/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
struct xavier_normal {
  double gain = 1;
  double deviation(target const& to) const {
    return gain * std::sqrt(2 / static_cast<double>(to.fan_in() + to.fan_out()));
  }
  void operator()(target const& to) const { normal{0, deviation(to)}(to); }
};
/// The same variance as `xavier_normal`, uniform: PyTorch's xavier_uniform_.
struct xavier_uniform {
  double gain = 1;
  void operator()(target const& to) const {
    double const bound = std::sqrt(3.) * xavier_normal{gain}.deviation(to);
    uniform{-bound, bound}(to);
  }
};

/// Which number of connections of a weight counts: that of a unit's inputs, or of its outputs.
enum class fan { in, out };

/// For layers before a leaky ReLU of slope `a`: He et al., "Delving deep into rectifiers" (2015).
struct kaiming_normal {
  double a = 0;
  fan mode = fan::in;
  double deviation(target const& to) const {
    auto const n = mode == fan::in ? to.fan_in() : to.fan_out();
    return std::sqrt(2 / ((1 + a * a) * static_cast<double>(n)));
  }
  void operator()(target const& to) const { normal{0, deviation(to)}(to); }
};
/// The same variance as `kaiming_normal`, uniform: PyTorch's kaiming_uniform_.
struct kaiming_uniform {
  double a = 0;
  fan mode = fan::in;
  void operator()(target const& to) const {
    double const bound = std::sqrt(3.) * kaiming_normal{a, mode}.deviation(to);
    uniform{-bound, bound}(to);
  }
};
/// For layers before a SELU: LeCun et al., "Efficient backprop" (1998), as Keras has it.
struct lecun_normal {
  void operator()(target const& to) const { kaiming_normal{1}(to); }
};
/// The same variance as `lecun_normal`, uniform.
struct lecun_uniform {
  void operator()(target const& to) const { kaiming_uniform{1}(to); }
};

/// Normal, but for a share of `sparsity` of each column, rounded up, which is 0: PyTorch's sparse_, of a matrix. Martens, "Deep learning
/// via Hessian-free optimization" (2010). Throws `shape_error` for another number of dimensions.
struct sparse {
  double sparsity = 0.5, std = 0.01;
  void operator()(target const& to) const {
    require(sparsity >= 0 && sparsity <= 1, "init::sparse: sparsity must be in [0, 1]", sparsity);
    if (to.extents.rank() != 2)
      throw shape_error("init::sparse: takes a matrix, got a parameter of shape " + to_string(to.extents));
    normal{0, std}(to);
    auto const rows = to.extents[0], columns = to.extents[1];
    auto const zeros = static_cast<std::size_t>(std::ceil(sparsity * static_cast<double>(rows)));
    std::vector<std::size_t> order(rows);
    for (std::size_t c = 0; c != columns; ++c) {
      for (std::size_t r = 0; r != rows; ++r) order[r] = r;
      auto const drawn = [&](std::size_t r) {
        return fovea::uniform<double>(to.seed, random_stream::initial_parameters, 1, to.first + r * columns + c);
      };
      std::sort(order.begin(), order.end(),
                [&](std::size_t a, std::size_t b) { return drawn(a) < drawn(b) || (drawn(a) == drawn(b) && a < b); });
      for (std::size_t i = 0; i != zeros; ++i) to.numbers[order[i] * columns + c] = 0;
    }
  }
};
/// Rows, or columns if there are fewer, of length `gain` at right angles: Saxe et al., "Exact solutions to the nonlinear dynamics of
/// learning" (2014).
struct orthogonal {
  double gain = 1;
  void operator()(target const& to) const {
    auto const columns = to.fan_in(), rows = to.extents[0];
    bool const wide = rows <= columns;
    auto const vectors = wide ? rows : columns, length = wide ? columns : rows;
    auto const at = [&](std::size_t v, std::size_t i) -> double& {
      return to.numbers[wide ? v * columns + i : i * columns + v];
    };
    normal{}(to);
    for (std::size_t v = 0; v != vectors; ++v) {
      auto const dot = [&](std::size_t other) {
        double sum = 0;
        for (std::size_t i = 0; i != length; ++i) sum += at(v, i) * at(other, i);
        return sum;
      };
      for (int pass = 0; pass != 2; ++pass)  // the second removes the first one's rounding errors
        for (std::size_t u = 0; u != v; ++u) {
          double const along = dot(u);
          for (std::size_t i = 0; i != length; ++i) at(v, i) -= along * at(u, i);
        }
      double const size = std::sqrt(dot(v));
      for (std::size_t i = 0; i != length; ++i) at(v, i) /= size;
    }
    for (double& x : to.numbers) x *= gain;
  }
};
static_assert(initializer<zeros> && initializer<orthogonal> && initializer<sparse> && initializer<kaiming_uniform>);

}  // namespace fovea::init
