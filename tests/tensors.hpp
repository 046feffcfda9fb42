// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <fovea/tensor/storage.hpp>

#include "catch.hpp"

template <class B> using value_type_of = typename std::remove_cvref_t<B>::value_type;

/// The one of two tolerances that is for this backend's numbers.
template <class B> constexpr double by_precision(B const&, double for_float, double for_double) {
  return std::is_same_v<value_type_of<B>, float> ? for_float : for_double;
}

/// A backend's tensor of these numbers, row-major.
template <class B, std::size_t Rank, class U>
auto tensor_from(B const& b, std::array<std::size_t, Rank> const& extents, std::vector<U> const& numbers) {
  std::vector<value_type_of<B>> const converted(numbers.begin(), numbers.end());
  auto result = b.template empty<value_type_of<B>>(extents);
  REQUIRE(fovea::size(result) == converted.size());
  b.copy(converted.data(), fovea::data(result), converted.size());
  return result;
}

/// A tensor's numbers, row-major.
template <class T> std::vector<fovea::value_of<T>> to_vector(T const& t) {
  std::vector<fovea::value_of<T>> result(fovea::size(t));
  typename fovea::backend_of<T>{}.copy(fovea::data(t), result.data(), result.size());
  return result;
}
