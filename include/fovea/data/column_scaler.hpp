// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/text/distinct_names.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// A tensor of real numbers in host memory, whose columns a scaler can be fitted to.
template <class X>
concept real_tensor_on_host = real_tensor<X> && std::same_as<memory_of<X>, host_memory>;
/// What a scaler changes in place: a table, or a tensor of real numbers in host memory.
template <class X>
concept scalable = std::same_as<X, table&> || (writable_tensor<X> && real_tensor_on_host<X>);

/// An affine map of each column, of a table or of a tensor, such as `standardizer`: an aggregate, so that its members can be stored.
/// Names begin its errors' messages; `names` are those of a table's columns, empty if it was fitted on a tensor.
///
///   static S fit(table, names)   fits the named columns of a table. Throws `numeric_error`, with the column, if a number is not
///                                finite or there are no rows; `argument_error` if a column does not exist or is named twice
///   static S fit(tensor)         fits all columns of a tensor (rows, columns). Throws `shape_error` unless its rank is 2
///   s.apply(rows)                scales the columns `names` of a table, or all of a tensor, in place, computing in double. Throws
///                                `argument_error` if a column does not exist, and then changes nothing; `shape_error` unless the
///                                tensor has as many columns as the scaler was fitted on
///   s.invert(rows)               undoes `apply`, up to rounding. Throws what `apply` throws
///
/// Laws: `add` fits the next column to finite numbers, at least one; `restored(scaled(x, c), c)` is x, up to rounding.
template <class S>
concept column_scaler = requires(S s, S const& c, std::string const& column, std::span<double const> numbers) {
  { S::name } -> std::convertible_to<std::string>;
  { s.names } -> std::same_as<std::vector<std::string>&>;
  { c.columns() } -> std::same_as<std::size_t>;
  s.add(column, numbers);
  { c.scaled(double(), std::size_t()) } -> std::same_as<double>;
  { c.restored(double(), std::size_t()) } -> std::same_as<double>;
};

/// What the scalers share.
namespace detail {

/// Throws `numeric_error`, with the column and the row, if a number is not finite.
inline void require_finite_column(std::string const& scaler, std::string const& column,
                                  std::span<double const> numbers) {
  for (std::size_t row = 0; row != numbers.size(); ++row)
    if (!detail::is_finite(numbers[row]))
      throw numeric_error(scaler + ": column " + column + ", row " + std::to_string(row) + ": " +
                          detail::to_shortest(numbers[row]) + " is not a finite number");
}
template <column_scaler S> void add_column(S& scaler, std::string const& column, std::span<double const> numbers) {
  if (numbers.empty()) throw numeric_error(std::string(S::name) + ": column " + column + " has no rows");
  detail::require_finite_column(S::name, column, numbers);
  scaler.add(column, numbers);
}

/// Fits a scaler that has no columns yet to columns of a table.
template <column_scaler S> S fitted(S scaler, table const& from, std::vector<std::string> const& names) {
  detail::require_distinct(S::name, names);
  for (auto const& name : names) detail::add_column(scaler, "\"" + name + "\"", from.column(name));
  scaler.names = names;
  return scaler;
}
/// Fits a scaler that has no columns yet to the columns of a tensor.
template <column_scaler S, real_tensor X> S fitted(S scaler, X const& from) {
  auto const x = fovea::as_matrix(S::name, "the tensor has", from);
  auto const [rows, columns] = x.extents.to_array();
  std::vector<double> numbers(rows);
  for (std::size_t c = 0; c != columns; ++c) {
    for (std::size_t row = 0; row != rows; ++row) numbers[row] = static_cast<double>(x.elements[row * columns + c]);
    detail::add_column(scaler, std::to_string(c), numbers);
  }
  return scaler;
}

/// Replaces each number of the scaler's columns by f(number, column), where column counts from 0.
template <column_scaler S, class F> void replace_columns(S const& scaler, table& rows, F const& f) {
  detail::require_distinct(S::name, scaler.names);
  for (auto const& name : scaler.names) rows.column(name);  // throws before anything changes
  for (std::size_t c = 0; c != scaler.names.size(); ++c) {
    auto const column = rows.column(scaler.names[c]);
    std::vector<double> numbers(column.begin(), column.end());
    for (auto& x : numbers) x = f(x, c);
    rows.set(scaler.names[c], std::move(numbers));
  }
}
template <column_scaler S, class X, class F> void replace_columns(S const& scaler, X& x, F const& f) {
  auto const m = fovea::as_matrix(S::name, "the tensor has", x);
  auto const [rows, columns] = m.extents.to_array();
  if (columns != scaler.columns())
    throw shape_error(std::string(S::name) + ": the tensor has shape " + to_string(fovea::shape_of(x)) +
                      ", expected (rows, " + std::to_string(scaler.columns()) + ")");
  for (std::size_t i = 0; i != rows * columns; ++i)
    m.elements[i] = static_cast<value_of<X>>(f(static_cast<double>(m.elements[i]), i % columns));
}

template <column_scaler S, class X> void scale(S const& scaler, X& x) {
  detail::replace_columns(scaler, x, [&](double number, std::size_t c) { return scaler.scaled(number, c); });
}
template <column_scaler S, class X> void restore(S const& scaler, X& x) {
  detail::replace_columns(scaler, x, [&](double number, std::size_t c) { return scaler.restored(number, c); });
}

[[noreturn]] inline void throw_too_large(std::string const& scaler, std::string const& column,
                                         std::string const& purpose) {
  throw numeric_error(scaler + ": the numbers of column " + column + " are too large " + purpose);
}

}  // namespace detail

}  // namespace fovea
