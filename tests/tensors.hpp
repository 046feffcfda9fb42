// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <fovea/tensor/storage.hpp>

#include "catch.hpp"

template <class B> using value_type_of = typename std::remove_cvref_t<B>::value_type;

/// Returns the tolerance for this backend's value type.
template <class B> constexpr double by_precision(B const&, double for_float, double for_double) {
  return std::is_same_v<value_type_of<B>, float> ? for_float : for_double;
}

/// Returns a backend's tensor with these numbers in row-major order.
template <class B, std::size_t Rank, class U>
auto tensor_from(B const& b, std::array<std::size_t, Rank> const& extents, std::vector<U> const& numbers) {
  std::vector<value_type_of<B>> const converted(numbers.begin(), numbers.end());
  auto result = b.template empty<value_type_of<B>>(extents);
  REQUIRE(fovea::size(result) == converted.size());
  b.copy(converted.data(), fovea::data(result), converted.size());
  return result;
}

/// Returns a tensor's numbers in row-major order.
template <class T> std::vector<fovea::value_of<T>> to_vector(T const& t) {
  std::vector<fovea::value_of<T>> result(fovea::size(t));
  typename fovea::backend_of<T>{}.copy(fovea::data(t), result.data(), result.size());
  return result;
}

template <class T> std::vector<double> to_doubles(std::vector<T> const& numbers) {
  return {numbers.begin(), numbers.end()};
}

/// The largest absolute difference between two lists of one length.
template <class T> double max_difference(std::vector<T> const& found, std::vector<double> const& expected) {
  REQUIRE(found.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i != found.size(); ++i) largest = std::max(largest, std::abs(double{found[i]} - expected[i]));
  return largest;
}
