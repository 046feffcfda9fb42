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

/// Returns the largest difference, relative or absolute, between the gradients of sum(dy y), in the input and in the parameters, and central
/// differences. `Training` chooses the mode; in both, something is kept for backward.
template <bool Training, class Net, class Sample, class Input = double>
double gradient_error(Net const& net, Sample const& sample, std::size_t rows, std::vector<double> const& x0) {
  host const b;
  double const step = 3;
  alone one(b, net, sample);
  one.draw = {7, &step};
  auto const start = between(drawn(one.layout.parameter_count, 5), -0.9, 1.1);
  fovea::copy(start, one.parameters.elements);
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
    double sum = 0;
    auto const outputs = y.get();
    for (std::size_t i = 0; i != outputs.size(); ++i) sum += weights[i] * outputs[i];
    return sum;
  };
  value();
  auto const gradient = one.gradient.elements, slopes = dx.elements.elements;
  double const h = 1e-5;
  double most = 0;
  auto const compare = [&](double& number, double found) {
    auto const at = number;
    number = at + h;
    auto const above = value();
    number = at - h;
    auto const below = value();
    number = at;
    auto const error = std::abs(found - (above - below) / (2 * h)) / (1 + std::abs(found));
    most = std::isnan(error) ? 1e9 : std::max(most, error);
  };
  for (std::size_t i = 0; i != gradient.size(); ++i) compare(one.parameters.elements[i], gradient[i]);
  if constexpr (std::same_as<Input, double>)
    for (std::size_t i = 0; i != slopes.size(); ++i) compare(x.elements.elements[i], slopes[i]);
  return most;
}

template <class Net, class Sample> void has_gradients(Net const& net, Sample const& sample) {
  for (std::size_t const rows : {1u, 5u}) {
    INFO(rows << " rows");
    auto const x = drawn(rows * sample.size(), 11);
    bool trains = true;
    try {
      fovea::detail::check_batch(net, sample, rows);
    } catch (fovea::shape_error const&) {
      trains = false;  // a batch norm of one row
    }
    if (trains) CHECK(gradient_error<true>(net, sample, rows, x) < 2e-8);
    CHECK(gradient_error<false>(net, sample, rows, x) < 2e-8);
  }
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
  double most = 0;
  for (std::size_t r = 0; r != rows; ++r) {
    auto const one = run(r, 1);
    for (std::size_t i = 0; i != one.size(); ++i)
      most = std::max(most, std::abs(one[i] - together[r * made.size() + i]));
  }
  if (fovea::mixes_rows<L>) CHECK(!(most < 1e-3));
  else CHECK(most < 1e-14);
}
