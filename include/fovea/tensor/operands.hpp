// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <type_traits>

#include <fovea/scalar/real.hpp>

/// What the backend's verbs walk over, as pointers into its memory.
namespace fovea {

/// An element for each place of the domain; a formula writes it unless T is const.
template <class T> struct each {
  T* at;
};
/// An element for each place, written without being read before.
template <class T> struct out {
  T* at;
};
/// A row vector under every row: element c for each place of column c.
template <class T> struct per_column {
  T const* at;
};
/// A number for each row.
template <class T> struct per_row {
  T const* at;
};
/// One number, or one small struct, for every place; in the backend's memory.
template <class T> struct everywhere {
  T const* at;
};

/// The number of a place's column, as a T.
template <class T> struct column_number {};

template <class T> each(T*) -> each<T>;
template <class T> out(T*) -> out<T>;
template <class T> per_column(T const*) -> per_column<T>;
template <class T> per_row(T const*) -> per_row<T>;
template <class T> everywhere(T const*) -> everywhere<T>;

/// A constant, because a device has none of std::numeric_limits' functions.
template <class T> inline constexpr T least = -std::numeric_limits<T>::infinity();

/// How a reduction folds.
struct plus {
  template <class T> FOVEA_HD static constexpr T identity() { return T(0); }
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const { return a + b; }
};
struct maximum {
  template <class T> FOVEA_HD static constexpr T identity() { return T(least<scalar_of<T>>); }
  /// A NaN on either side stays.
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const {
    return math::select(a >= b, a, math::select(b == b, math::select(a == a, b, a), b));
  }
};

/// Results of a reduction, in the backend's memory: over all places, down each column, along each row.
template <class Fold = plus> struct total {
  double* at;
  using fold = Fold;
};
template <class T, class Fold = plus> struct down_columns {
  T* at;
  using fold = Fold;
};
template <class T, class Fold = plus> struct along_rows {
  T* at;
  using fold = Fold;
};
total(double*) -> total<plus>;
template <class T> down_columns(T*) -> down_columns<T, plus>;
template <class T> along_rows(T*) -> along_rows<T, plus>;

/// What a formula of a reduction with N results returns.
template <class T, std::size_t N> struct terms {
  T at[N];
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
