// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <type_traits>

#include <fovea/scalar/real.hpp>

/// What the backend's verbs walk over, as pointers into its memory.
namespace fovea {

/// What an operand's number, or a result's fold, goes by: the place itself, its column, its row, or neither.
enum class axis { place, column, row, none };

/// An element for each place of the domain; a formula writes it unless T is const.
template <class T> struct each {
  static constexpr fovea::axis axis = fovea::axis::place;
  T* elements;
};
/// An element for each place, written without being read before.
template <class T> struct out {
  static constexpr fovea::axis axis = fovea::axis::place;
  T* elements;
};
/// A row vector under every row: element c for each place of column c.
template <class T> struct per_column {
  static constexpr fovea::axis axis = fovea::axis::column;
  T const* elements;
};
/// A number for each row.
template <class T> struct per_row {
  static constexpr fovea::axis axis = fovea::axis::row;
  T const* elements;
};
/// One number, or one small struct, for every place; in the backend's memory.
template <class T> struct broadcast {
  static constexpr fovea::axis axis = fovea::axis::none;
  T const* elements;
};

/// The number of a place's column, as a T.
template <class T> struct column_index {
  static constexpr fovea::axis axis = fovea::axis::column;
};

template <class T> each(T*) -> each<T>;
template <class T> out(T*) -> out<T>;
template <class T> per_column(T const*) -> per_column<T>;
template <class T> per_row(T const*) -> per_row<T>;
template <class T> broadcast(T const*) -> broadcast<T>;

/// A constant, because a device has none of std::numeric_limits' functions.
template <class T> inline constexpr T negative_infinity = -std::numeric_limits<T>::infinity();

/// How a reduction folds.
struct plus {
  template <class T> FOVEA_HD static constexpr T identity() { return T(0); }
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const { return a + b; }
};
struct maximum {
  template <class T> FOVEA_HD static constexpr T identity() { return T(negative_infinity<scalar_of<T>>); }
  /// A NaN on either side stays.
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const {
    return math::select(a >= b, a, math::select(b == b, math::select(a == a, b, a), b));
  }
};

/// Results of a reduction, in the backend's memory: over all places, down each column, along each row.
template <class Fold = plus> struct overall {
  static constexpr fovea::axis axis = fovea::axis::none;
  double* elements;
  using fold = Fold;
};
template <class T, class Fold = plus> struct by_column {
  static constexpr fovea::axis axis = fovea::axis::column;
  T* elements;
  using fold = Fold;
};
template <class T, class Fold = plus> struct by_row {
  static constexpr fovea::axis axis = fovea::axis::row;
  T* elements;
  using fold = Fold;
};
overall(double*) -> overall<plus>;
template <class T> by_column(T*) -> by_column<T, plus>;
template <class T> by_row(T*) -> by_row<T, plus>;

/// True if one of these operands and results goes by that axis.
template <axis A, class... O> inline constexpr bool has_axis = ((O::axis == A) || ...);
/// True if a place's row and column matter to one of them, and not only its number.
template <class... O> inline constexpr bool needs_columns = has_axis<axis::column, O...> || has_axis<axis::row, O...>;

/// What a formula of a reduction with N results returns.
template <class T, std::size_t N> struct terms {
  T values[N];
};
template <class T, class... U> terms(T, U...) -> terms<T, 1 + sizeof...(U)>;

/// The numbers a verb computes in: the first operand whose elements are real. Operands of other types, such as a mask of
/// bools, are read as converted to it.
template <class... T> struct first_real;
template <class T, class... Rest> struct first_real<T, Rest...> : first_real<Rest...> {};
template <class T, class... Rest>
  requires real<std::remove_const_t<T>>
struct first_real<T, Rest...> {
  using type = std::remove_const_t<T>;
};
template <class... Operands> struct computes_in;
template <template <class> class... O, class... T> struct computes_in<O<T>...> : first_real<T...> {};

}  // namespace fovea
