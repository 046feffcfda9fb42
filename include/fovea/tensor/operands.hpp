// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <type_traits>

#include <fovea/scalar/real.hpp>

/// The operands and results of the backend's verbs: pointers into its memory.
namespace fovea {

/// The index that selects an operand's element, or a result's accumulator: the place itself, its column, its row, or none.
enum class axis { place, column, row, none };

/// One element for each place of the domain. A formula may write it unless T is const.
template <class T> struct each {
  static constexpr fovea::axis axis = fovea::axis::place;
  T* elements;
};
/// One element for each place, which the formula writes and does not read.
template <class T> struct out {
  static constexpr fovea::axis axis = fovea::axis::place;
  T* elements;
};
/// One element for each column: element c at every place of column c.
template <class T> struct per_column {
  static constexpr fovea::axis axis = fovea::axis::column;
  T const* elements;
};
/// One element for each row.
template <class T> struct per_row {
  static constexpr fovea::axis axis = fovea::axis::row;
  T const* elements;
};
/// One number, or one small struct, for all places.
template <class T> struct broadcast {
  static constexpr fovea::axis axis = fovea::axis::none;
  T const* elements;
};

/// The index of a place's column, as a T.
template <class T> struct column_index {
  static constexpr fovea::axis axis = fovea::axis::column;
};

template <class T> each(T*) -> each<T>;
template <class T> out(T*) -> out<T>;
template <class T> per_column(T const*) -> per_column<T>;
template <class T> per_row(T const*) -> per_row<T>;
template <class T> broadcast(T const*) -> broadcast<T>;

/// -infinity as a constant: device code cannot call the functions of std::numeric_limits.
template <class T> inline constexpr T negative_infinity = -std::numeric_limits<T>::infinity();

/// The sum of a reduction.
struct plus {
  template <class T> FOVEA_HD static constexpr T identity() { return T(0); }
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const { return a + b; }
};
/// The maximum of a reduction.
struct maximum {
  template <class T> FOVEA_HD static constexpr T identity() { return T(negative_infinity<scalar_of<T>>); }
  /// Returns NaN if either argument is NaN.
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const {
    return math::select(a >= b, a, math::select(b == b, math::select(a == a, b, a), b));
  }
};

/// The result of a reduction that is one number over all places.
template <class Fold = plus> struct overall {
  static constexpr fovea::axis axis = fovea::axis::none;
  double* elements;
  using fold = Fold;
};
/// The result of a reduction with one number for each column.
template <class T, class Fold = plus> struct by_column {
  static constexpr fovea::axis axis = fovea::axis::column;
  T* elements;
  using fold = Fold;
};
/// The result of a reduction with one number for each row.
template <class T, class Fold = plus> struct by_row {
  static constexpr fovea::axis axis = fovea::axis::row;
  T* elements;
  using fold = Fold;
};
overall(double*) -> overall<plus>;
template <class T> by_column(T*) -> by_column<T, plus>;
template <class T> by_row(T*) -> by_row<T, plus>;

/// True if one of these operands and results has that axis.
template <axis A, class... O> inline constexpr bool has_axis = ((O::axis == A) || ...);
/// True if one of these operands and results needs a place's row or column, not only its flat index.
template <class... O>
inline constexpr bool needs_row_or_column = has_axis<axis::column, O...> || has_axis<axis::row, O...>;

/// The return value of a formula in a reduction with N results.
template <class T, std::size_t N> struct terms {
  T values[N];
};
template <class T, class... U> terms(T, U...) -> terms<T, 1 + sizeof...(U)>;

/// The number type that a verb computes in: that of the first operand with real elements. Elements of other types, such as a
/// mask of bools, are converted to it when they are read.
template <class... T> struct first_real;
template <class T, class... Rest> struct first_real<T, Rest...> : first_real<Rest...> {};
template <class T, class... Rest>
  requires real<std::remove_const_t<T>>
struct first_real<T, Rest...> {
  using type = std::remove_const_t<T>;
};
/// The number type that a verb computes in with these operands.
template <class... Operands> struct computes_in;
template <template <class> class... O, class... T> struct computes_in<O<T>...> : first_real<T...> {};

}  // namespace fovea
