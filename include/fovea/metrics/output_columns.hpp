// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>

#include <fovea/error.hpp>
#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// A view of k outputs of each of N rows, (N, k) in row-major order. Reads a flat range, such as the predictions that `fit` hands to a
/// metric, as such rows; the range must outlive it. Throws `shape_error` if the range is not whole rows.
///
///     auto const score = [](auto predictions, auto targets) {
///       return fovea::r2_score(fovea::output_columns(predictions, 2), fovea::output_columns(targets, 2));
///     };
template <class T> class output_columns {
 public:
  using value_type = T;
  template <number_range R>
    requires std::same_as<std::ranges::range_value_t<R>, T>
  output_columns(R const& all, std::size_t columns)
      : output_columns(std::span<T const>(std::ranges::data(all), std::ranges::size(all)), columns, columns, 1) {
    if (columns == 0 || elements_.size() % columns != 0)
      throw shape_error("output_columns: " + std::to_string(elements_.size()) + " numbers are not rows of " +
                        std::to_string(columns));
  }
  output_columns(std::span<T const> elements, std::size_t columns, std::size_t row_stride, std::size_t column_stride)
      : elements_(elements), columns_(columns), row_stride_(row_stride), column_stride_(column_stride) {}

  std::size_t columns() const { return columns_; }
  std::span<T const> elements() const { return elements_; }
  T operator()(std::size_t row, std::size_t column) const {
    return elements_[row * row_stride_ + column * column_stride_];
  }

 private:
  std::span<T const> elements_;
  std::size_t columns_, row_stride_, column_stride_;
};
template <number_range R> output_columns(R const&, std::size_t) -> output_columns<std::ranges::range_value_t<R>>;

namespace detail {
template <class R> inline constexpr bool is_output_columns = false;
template <class T> inline constexpr bool is_output_columns<output_columns<T>> = true;
}  // namespace detail

/// Numbers of one or several columns: a contiguous range, a tensor (N), (N, 1) or (N, k) in host memory, or `output_columns`.
template <class R>
concept numbers_of_columns = detail::is_output_columns<R> || numbers<R>;

namespace detail {

template <numbers_of_columns R> auto columns_of(R const& r) {
  if constexpr (is_output_columns<R>) {
    return r;
  } else if constexpr (!number_range<R>) {
    auto const shape = fovea::shape_of(r);
    auto const all = fovea::elements(r);
    if (shape.rank() == 2 && shape[1] > 1) {
      bool const in_rows = order_of<R> == storage_order::row_major;
      return output_columns<value_of<R>>(all, shape[1], in_rows ? shape[1] : 1, in_rows ? 1 : shape[0]);
    }
    return output_columns<value_of<R>>(fovea::numbers_of(r, "metrics"), 1, 1, 1);
  } else {
    return output_columns<std::ranges::range_value_t<R>>(fovea::numbers_of(r, "metrics"), 1, 1, 1);
  }
}

}  // namespace detail

}  // namespace fovea
