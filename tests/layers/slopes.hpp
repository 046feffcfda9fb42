// SPDX-License-Identifier: MIT
// Compares a layer's gradients with central differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

#include <fovea/fovea.hpp>

#include "alone.hpp"
#include "drawn.hpp"

using host = fovea::host_backend<double>;

inline std::vector<double> between(std::vector<double> numbers, double low, double high) {
  for (auto& v : numbers) v = low + (high - low) * (v + 1) / 2;
  return numbers;
}

/// A call of f() whose type does not depend on f: what follows is compiled once, and not for each network.
class value_of_f {
 public:
  template <class F>
  explicit value_of_f(F const& f) : f_(&f), call_([](void const* g) { return (*static_cast<F const*>(g))(); }) {}
  double operator()() const { return call_(f_); }

 private:
  void const* f_;
  double (*call_)(void const*);
};
/// Returns the largest difference, relative or absolute, between slopes and central differences of a value in these numbers.
inline double largest_difference(double* numbers, std::vector<double> const& slopes, value_of_f value) {
  double const h = 1e-5;
  double most = 0;
  for (std::size_t i = 0; i != slopes.size(); ++i) {
    auto const at = numbers[i];
    numbers[i] = at + h;
    auto const above = value();
    numbers[i] = at - h;
    auto const below = value();
    numbers[i] = at;
    auto const error = std::abs(slopes[i] - (above - below) / (2 * h)) / (1 + std::abs(slopes[i]));
    most = std::isnan(error) ? 1e9 : std::max(most, error);
  }
  return most;
}
inline double weighted_sum(std::vector<double> const& weights, std::vector<double> const& numbers) {
  double sum = 0;
  for (std::size_t i = 0; i != numbers.size(); ++i) sum += weights[i] * numbers[i];
  return sum;
}
inline void check_slopes(std::size_t rows, double error) {
  INFO(rows << " rows");
  CHECK(error < 2e-8);
}

/// Returns the largest difference between the gradients of sum(dy y), in the input and in the parameters, and central differences.
/// `Training` chooses the mode; in both, something is kept for backward.
template <bool Training, class Net, class Sample, class Input = double>
double gradient_error(Net const& net, Sample const& sample, std::size_t rows, std::vector<double> const& x0) {
  host const b;
  double const step = 3;
  alone one(b, net, sample);
  one.draw = {7, &step};
  fovea::copy(between(drawn(one.layout.parameter_count, 5), -0.9, 1.1), one.parameters.elements);
  auto const made = net.output(sample);
  owned_batch<host, Input, Sample> x(b, sample, rows, x0);
  owned_batch<host, double, Sample> dx(b, sample, rows, std::vector<double>(x0.size()));
  owned_batch<host, double, std::remove_const_t<decltype(made)>> y(b, made, rows, {}), dy(b, made, rows, {});
  auto const weights = drawn(rows * made.size(), 9);
  auto const state = one.state;
  auto const value = [&] {
    one.state = state;
    dy.set(weights);
    if constexpr (std::same_as<Input, double>) one.template run<Training>(x.read(), y.span(), dy.span(), dx.span());
    else one.template run<Training>(x.read(), y.span(), dy.span(), fovea::nothing{});
    return weighted_sum(weights, y.get());
  };
  value();
  auto const slopes = to_vector(one.gradient), slopes_of_x = dx.get();
  auto const most = largest_difference(fovea::data(one.parameters), slopes, value_of_f(value));
  if constexpr (std::same_as<Input, double>)
    return std::max(most, largest_difference(fovea::data(x.elements), slopes_of_x, value_of_f(value)));
  else return most;
}

template <class Net, class Sample> bool can_train(Net const& net, Sample const& sample, std::size_t rows) {
  try {
    fovea::detail::check_batch(net, sample, rows);
    return true;
  } catch (fovea::shape_error const&) {
    return false;  // a batch norm of one row
  }
}
template <class Net, class Sample> void has_gradients(Net const& net, Sample const& sample) {
  for (std::size_t const rows : {1u, 5u}) {
    auto const x = drawn(rows * sample.size(), 11);
    if (can_train(net, sample, rows)) check_slopes(rows, gradient_error<true>(net, sample, rows, x));
    check_slopes(rows, gradient_error<false>(net, sample, rows, x));
  }
}

inline void check_places(bool mixes_rows, std::vector<double> const& together, std::vector<double> const& apart) {
  REQUIRE(together.size() == apart.size());
  double most = 0;
  for (std::size_t i = 0; i != apart.size(); ++i) most = std::max(most, std::abs(apart[i] - together[i]));
  if (mixes_rows) CHECK(!(most < 1e-3));
  else CHECK(most < 1e-14);
}
/// Trains on all rows and on each alone, with the same draws: a row's output is the same, unless the layer mixes rows.
template <class L, class Sample> void rows_stand_alone_unless_mixed(L const& layer, Sample const& sample) {
  std::size_t const rows = 5;
  auto const made = layer.output(sample);
  auto const x = drawn(rows * sample.size(), 11);
  double const step = 3;
  auto const run = [&](std::size_t first, std::size_t n) {
    alone one(host{}, layer, sample);
    fovea::copy(between(drawn(one.layout.parameter_count, 5), -0.9, 1.1), one.parameters.elements);
    one.draw = {7, &step, 0, first};
    auto const from = x.begin() + static_cast<std::ptrdiff_t>(first * sample.size());
    owned_batch<host, double, Sample> in(
        host{}, sample, n, std::vector<double>(from, from + static_cast<std::ptrdiff_t>(n * sample.size())));
    owned_batch<host, double, std::remove_const_t<decltype(made)>> out(host{}, made, n, {});
    one.template run<true, false>(in.read(), out.span(), fovea::nothing{}, fovea::nothing{});
    return out.get();
  };
  auto const together = run(0, rows);
  std::vector<double> apart;
  for (std::size_t r = 0; r != rows; ++r)
    for (double const number : run(r, 1)) apart.push_back(number);
  check_places(fovea::mixes_rows<L>, together, apart);
}
