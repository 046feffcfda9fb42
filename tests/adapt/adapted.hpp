// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "../catch.hpp"
#include "../conformance/report.hpp"

/// References for an adapted type: plain loops that access the elements through the type's own library, `at(t, i, j)`.
namespace adapted {

/// A number that depends on its position.
inline double logit(std::size_t i, std::size_t j) { return static_cast<double>((7 * i + 3 * j) % 11) - 5.25; }
inline double target(std::size_t i, std::size_t j) { return static_cast<double>((3 * i + j) % 3 == 0); }

/// Returns the focal loss (gamma 2, alpha 0.25) and its slope, computed from the definition.
inline std::array<double, 2> focal(double z, double y) {
  double const p = 1 / (1 + std::exp(-z)), q = 1 - p;
  if (y == 1) return {-0.25 * q * q * std::log(p), 0.25 * q * q * (2 * p * std::log(p) - q)};
  return {-0.75 * p * p * std::log(q), 0.75 * p * p * (p - 2 * q * std::log(q))};
}
inline constexpr fovea::sigmoid_focal_loss focal_loss{.gamma = 2, .alpha = 0.25};

template <class T> constexpr double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-12;

/// Checks a loss of x and y, and its gradient written to g, against plain loops over the type's own rows and columns.
template <class X, class Y, class G, class At>
void takes_losses(X&& x, Y&& y, G&& g, std::size_t rows, std::size_t columns, At const& at) {
  using V = fovea::value_of<X>;
  auto const n = static_cast<double>(rows * columns);
  double mean = 0;
  for (std::size_t i = 0; i != rows; ++i)
    for (std::size_t j = 0; j != columns; ++j) {
      at(x, i, j) = static_cast<V>(logit(i, j));
      at(y, i, j) = static_cast<V>(target(i, j));
      mean += focal(logit(i, j), target(i, j))[0] / n;
    }
  CHECK(fovea::value(focal_loss, x, y) == Approx(mean).epsilon(tolerance<V>));
  CHECK(fovea::value_and_gradient(focal_loss, x, y, g) == Approx(mean).epsilon(tolerance<V>));
  for (std::size_t i = 0; i != rows; ++i)
    for (std::size_t j = 0; j != columns; ++j)
      CHECK(at(g, i, j) == Approx(focal(logit(i, j), target(i, j))[1] / n).epsilon(tolerance<V>));
}

/// Checks that a network predicts and trains on the type's samples, `at(x, sample, feature)`: the predictions agree with
/// plain loops, the parameters after a step with those from a host_tensor of the same numbers.
template <class X, class At> void takes_networks(X const& x, std::size_t samples, std::size_t features, At const& at) {
  using V = fovea::value_of<X>;
  using backend = fovea::host_backend<V>;
  fovea::sequential const net{fovea::linear{features, 3}, fovea::tanh{}, fovea::linear{std::size_t{3}, 1}};
  fovea::trainer one{backend{}, net, fovea::mean_squared_error{}, fovea::sgd{.learning_rate = 0.1}}, other = one;
  auto const parameters = fovea::elements(one.model().parameters());
  std::vector<double> const w(parameters.begin(), parameters.end());

  fovea::host_tensor<V, 2> copy{{samples, features}}, y{{samples, 1}};
  auto const& rows = fovea::testing::laws::samples_of(x);
  auto const predicted = one.model().predict(rows);
  double loss = 0;
  for (std::size_t s = 0; s != samples; ++s) {
    double output = w[3 * features + 3 + 3];
    for (std::size_t h = 0; h != 3; ++h) {
      double sum = w[3 * features + h];
      for (std::size_t f = 0; f != features; ++f) {
        sum += w[h * features + f] * static_cast<double>(at(x, s, f));
        copy.elements[s * features + f] = at(x, s, f);
      }
      output += w[3 * features + 3 + h] * std::tanh(sum);
    }
    y.elements[s] = static_cast<V>(target(s, 1));
    loss += (output - target(s, 1)) * (output - target(s, 1)) / static_cast<double>(samples);
    CHECK(predicted.elements[s] == Approx(output).epsilon(tolerance<V>).margin(tolerance<V>));
  }
  CHECK(one.step(rows, y) == Approx(loss).epsilon(tolerance<V>));
  other.step(copy, y);
  CHECK(one.model().parameters().elements == other.model().parameters().elements);
}

template <class F> std::string said(F const& f) {
  try {
    f();
  } catch (fovea::error const& e) {
    return e.what();
  }
  return "no error";
}

/// Runs the conformance kit on a type that the kit or a function in `options` creates.
template <class T> void conforms(fovea::testing::tensor_options<T> const& options = {}) {
  holds(fovea::testing::check_tensor<T>(options));
}

}  // namespace adapted
