// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <fovea/tensor/backend.hpp>

/// Column-major matrices where a row is a sample: `samples_in_columns` is a view, `to_row_major` a copy.
namespace fovea {

namespace formulas {

/// Copies one element: the index counts a row-major tensor's elements, the source is column-major.
template <class T, std::size_t Rank> struct to_row_major {
  std::size_t extents[Rank], size;
  T const* source;
  T* destination;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    std::size_t rest = i, stride = size, position = 0;
    for (std::size_t k = Rank; k-- != 0;) {
      stride /= extents[k];
      position += rest % extents[k] * stride;
      rest /= extents[k];
    }
    destination[i] = source[position];
  }
};

}  // namespace formulas

/// Returns a view, without a copy, of a column-major matrix (features, samples) as the row-major matrix (samples, features)
/// that data sets, networks and losses of rows take. The elements must outlive the view, and may be written through it.
///
///     Eigen::MatrixXf const x(29, 128);                                          // 128 samples of 29 features
///     auto const probabilities = trainer.predict(fovea::samples_in_columns(x));  // (128, 1)
template <tensor T> constexpr auto samples_in_columns(T&& m) {
  static_assert(traits_of<T>::rank == 2, "fovea: samples_in_columns takes a matrix (features, samples)");
  static_assert(
      order_of<T> == storage_order::column_major,
      "fovea: samples_in_columns takes a column-major matrix; this one is row-major, where a sample in a column is "
      "not contiguous: pass a copy of its transpose");
  auto const s = fovea::shape_of(m);
  using E = std::remove_pointer_t<decltype(traits_of<T>::data(m))>;
  return matrix_span<backend_of<T>, E>{traits_of<T>::data(m), extents<dynamic, dynamic>({s[1], s[0]})};
}

/// Returns a row-major copy with the shape and the elements of a tensor, as its backend's own type.
///
///     Eigen::MatrixXf const x(128, 29);                                    // 128 samples of 29 features
///     auto const probabilities = trainer.predict(fovea::to_row_major(x));  // (128, 1)
template <tensor T> auto to_row_major(T const& from) {
  constexpr std::size_t rank = traits_of<T>::rank;
  static_assert(rank != dynamic_rank, "fovea: to_row_major takes a tensor whose type states its rank");
  using number = value_of<T>;
  backend_of<T> const b{};
  auto const s = fovea::shape_of(from);
  std::array<std::size_t, rank> extents{};
  for (std::size_t i = 0; i != rank; ++i) extents[i] = s[i];
  auto to = b.template empty<number>(extents);
  if constexpr (order_of<T> == storage_order::row_major) {
    b.copy(fovea::data(from), fovea::data(to), s.size());
  } else {
    formulas::to_row_major<number, rank> formula{{}, s.size(), fovea::data(from), fovea::data(to)};
    for (std::size_t i = 0; i != rank; ++i) formula.extents[i] = s[i];
    b.for_each_index(s.size(), formula);
  }
  return to;
}

}  // namespace fovea
