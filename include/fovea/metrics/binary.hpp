// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>

#include <fovea/error.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// Numbers side by side in host memory: a vector, an array, a span. Counter-example: `std::vector<bool>`.
template <class R>
concept number_range = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
                       std::is_arithmetic_v<std::ranges::range_value_t<R>>;

/// Such a range, or a tensor of any shape in host memory; (N) and (N, 1) are alike to a metric.
template <class R>
concept numbers = number_range<R> || (tensor<R> && std::same_as<memory_of<R>, host_memory> && std::is_arithmetic_v<value_of<R>>);

template <numbers R> auto numbers_of(R const& r) {
  if constexpr (number_range<R>) return std::span(std::ranges::data(r), std::ranges::size(r));
  else return elements(r);
}

/// What every metric of probabilities (or other scores) and targets 0 or 1 asks for; `metric` begins the messages.
/// Throws `shape_error` for unequal lengths, `argument_error` for a target that is neither 0 nor 1 and `numeric_error`
/// for a probability that is not a number; positions count from 0.
template <number_range P, number_range Y>
void validate_binary(std::string const& metric, P const& probabilities, Y const& targets) {
  auto const n = std::ranges::size(probabilities);
  if (n != std::ranges::size(targets))
    throw shape_error(metric + ": " + std::to_string(n) + " probabilities, but " +
                      std::to_string(std::ranges::size(targets)) + " targets");
  for (auto const* p = std::ranges::data(probabilities); p != std::ranges::data(probabilities) + n; ++p)
    if (*p != *p)
      throw numeric_error(metric + ": probability " + std::to_string(p - std::ranges::data(probabilities)) + " is nan");
  for (auto const* y = std::ranges::data(targets); y != std::ranges::data(targets) + n; ++y)
    if (*y != 0 && *y != 1)
      throw argument_error(metric + ": target " + std::to_string(y - std::ranges::data(targets)) + " is " +
                           std::to_string(*y) + ", must be 0 or 1");
}

}  // namespace fovea
