// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// A contiguous range of numbers in host memory: a vector, an array, a span. Counter-example: `std::vector<bool>`.
template <class R>
concept number_range = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
                       std::is_arithmetic_v<std::ranges::range_value_t<R>>;

/// A contiguous range of numbers, or a tensor of shape (N) or (N, 1) in host memory.
template <class R>
concept numbers =
    number_range<R> || (tensor<R> && std::same_as<memory_of<R>, host_memory> && std::is_arithmetic_v<value_of<R>>);

/// Returns the numbers. Throws `shape_error`, which begins with `who`, for a tensor of several columns: as one column, it would have
/// another meaning.
template <numbers R> auto numbers_of(R const& r, std::string_view who = "fovea") {
  if constexpr (tensor<R>) {
    auto const shape = fovea::shape_of(r);
    if (shape.rank() > 1 && shape.size() != shape[0])
      throw shape_error(std::string(who) +
                        ": expected one number for each row, of shape (N) or (N, 1), got the shape " +
                        to_string(shape));
  }
  if constexpr (number_range<R>) return std::span(std::ranges::data(r), std::ranges::size(r));
  else return fovea::elements(r);
}

}  // namespace fovea
