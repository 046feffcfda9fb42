// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fovea/losses/loss.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/grouping.hpp>
#include <fovea/optimizers/optimizer.hpp>

/// The numbers in optimizers and losses, by what they do: a formula of any type, whose members cannot be listed, is asked for its
/// values. Ranks compare them.
namespace fovea::detail {

/// Appends what a link of a chain makes of a few parameters, gradients and measured sums, in steps up to 10^7.
template <class Link> void append_updates(Link const& link, std::vector<double>& to) {
  constexpr std::size_t sums = measured_sums<Link, double>;
  std::array<double, (std::max<std::size_t>)(1, Link::state_count)> state;
  std::array<double*, (std::max<std::size_t>)(1, Link::state_count)> places;
  for (std::size_t i = 0; i != state.size(); ++i) places[i] = &state[i];
  auto const update = [&](auto const& coefficients, double step, double parameter, double slope) {
    state.fill(0);
    for (int twice = 0; twice != 2; ++twice) {
      if constexpr (sums == 1) to.push_back(link.measure(parameter, slope));
      else if constexpr (sums > 1)
        for (std::size_t i = 0; i != sums; ++i) to.push_back(link.measure(parameter, slope).values[i]);
      if constexpr (drawing<Link>) state[0] = link.draw(step, 1);
      if constexpr (scaling_units<Link, double>) state[0] = link.unit_scale(parameter * parameter, slope * slope);
      double left = slope;
      detail::call(std::make_index_sequence<Link::state_count>{}, link, coefficients, parameter, left, places.data());
      to.insert(to.end(), {parameter, left});
    }
  };
  for (double step = 1; step < 1e7; step = std::ceil(step * 1.2))
    for (double const parameter : {0., 0.7})
      for (double const slope : {0.3, 1e-9}) {
        if constexpr (sums != 0) {
          for (double const sum : {1e-6, 1., 1e6}) {
            std::array<double, sums> all;
            all.fill(sum);
            update(detail::coefficients_from(std::make_index_sequence<sums>{}, link, step, all.data()), step, parameter,
                   slope);
          }
        } else update(link.coefficients_at(step), step, parameter, slope);
      }
}

/// Returns the same for all links of an optimizer and its groups, and the group of each parameter.
template <class O>
std::vector<double> numbers_of_optimizer(O const& rule, std::vector<parameter_range> const& parameters) {
  std::vector<double> all;
  for (auto const group : grouping<O>::assign(rule, parameters)) all.push_back(static_cast<double>(group));
  [&]<std::size_t... G>(std::index_sequence<G...>) {
    auto const of_group = [&]<class Selected>(Selected const& selected) {
      [&]<std::size_t... J>(std::index_sequence<J...>) {
        (detail::append_updates(links<Selected>::template at<J>(selected), all), ...);
      }(std::make_index_sequence<links<Selected>::count>{});
    };
    (of_group(grouping<O>::template select<G>(rule)), ...);
  }(std::make_index_sequence<grouping<O>::count>{});
  return all;
}
/// Returns a few values of a loss of elements; none of a loss of rows.
template <class Loss> std::vector<double> numbers_of_loss(Loss const& loss) {
  std::vector<double> all;
  if constexpr (elementwise_loss<Loss, double>)
    for (double const output : {-2., 0.1, 0.9, 3.})
      for (double const target : {0., 1.}) all.push_back(loss(output, target));
  return all;
}

/// True if the numbers agree to what two processors may round differently.
inline bool agree_closely(std::vector<double> const& a, std::vector<double> const& b) {
  return std::ranges::equal(a, b, [](double x, double y) {
    return x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= 1e-13 * (std::abs(x) + std::abs(y));
  });
}

}  // namespace fovea::detail
