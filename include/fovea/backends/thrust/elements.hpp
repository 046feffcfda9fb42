// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

#include <fovea/backends/thrust/pack.hpp>
#include <fovea/tensor/operands.hpp>

namespace fovea::thrust_detail {

/// Where an element lies in the domain.
struct place {
  std::size_t flat, row, column;
};

/// The element itself, or its number in the type that is computed in.
template <class V, class T> FOVEA_HD constexpr decltype(auto) converted(T& x) {
  if constexpr (std::is_same_v<std::remove_const_t<T>, V> || std::is_class_v<T>) return (x);
  else return static_cast<V>(x);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(each<T> o, place const& p) {
  return converted<V>(o.at[p.flat]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(out<T> o, place const& p) {
  return (o.at[p.flat]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(per_column<T> o, place const& p) {
  return converted<V>(o.at[p.column]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(per_row<T> o, place const& p) {
  return converted<V>(o.at[p.row]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(everywhere<T> o, place const&) {
  return converted<V>(*o.at);
}
template <class V, class T> FOVEA_HD constexpr V element(column_number<T>, place const& p) {
  return static_cast<V>(p.column);
}

/// Hands a formula its operands' elements at one place.
template <class V, class F> struct at_place {
  F const& f;
  place where;
  template <class... O> FOVEA_HD constexpr decltype(auto) operator()(O const&... operands) const {
    return f(thrust_detail::element<V>(operands, where)...);
  }
};

template <std::size_t I, class T> FOVEA_HD constexpr double term_at(T const& t) {
  if constexpr (requires { t.at[I]; }) return static_cast<double>(t.at[I]);
  else return static_cast<double>(t);
}

/// What needs to know rows or columns, not only a place.
template <class O> inline constexpr bool by_row_or_column = false;
template <class T> inline constexpr bool by_row_or_column<per_column<T>> = true;
template <class T> inline constexpr bool by_row_or_column<per_row<T>> = true;
template <class T, class Fold> inline constexpr bool by_row_or_column<down_columns<T, Fold>> = true;
template <class T, class Fold> inline constexpr bool by_row_or_column<along_rows<T, Fold>> = true;
template <class T> inline constexpr bool by_row_or_column<column_number<T>> = true;
template <class R> inline constexpr bool is_down_columns = false;
template <class T, class Fold> inline constexpr bool is_down_columns<down_columns<T, Fold>> = true;
template <class R> inline constexpr bool is_along_rows = false;
template <class T, class Fold> inline constexpr bool is_along_rows<along_rows<T, Fold>> = true;

/// One row's verbs, on the calling thread; the operands are those of the whole domain.
struct row {
  std::size_t index, columns;

  template <class F, class... O> FOVEA_HD void for_each(F const& f, O const&... operands) const {
    using V = typename computes_in<O...>::type;
    for (std::size_t c = 0; c != columns; ++c) f(thrust_detail::element<V>(operands, at(c))...);
  }
  template <class F, class... O> FOVEA_HD auto sum(F const& f, O const&... operands) const {
    return folded<plus>(f, operands...);
  }
  template <class F, class... O> FOVEA_HD auto maximum(F const& f, O const&... operands) const {
    return folded<fovea::maximum>(f, operands...);
  }
  template <class T, class U> FOVEA_HD T load(U const* from) const { return static_cast<T>(from[index]); }
  template <class T> FOVEA_HD void store(T* to, T const& x) const { to[index] = x; }

 private:
  FOVEA_HD place at(std::size_t c) const { return {index * columns + c, index, c}; }
  template <class Fold, class F, class... O> FOVEA_HD auto folded(F const& f, O const&... operands) const {
    using V = typename computes_in<O...>::type;
    double result = Fold::template identity<double>();
    for (std::size_t c = 0; c != columns; ++c)
      result = Fold{}(result, static_cast<double>(f(thrust_detail::element<V>(operands, at(c))...)));
    return static_cast<V>(result);
  }
};

/// Hands a formula one row after the other.
template <class F, class... O> struct at_row {
  F f;
  pack<O...> operands;
  std::size_t columns;

  FOVEA_HD void operator()(std::size_t r) const { operands.apply(f, row{r, columns}); }
};

/// The same as a formula of a reduction over rows' numbers; a double has every one below 2^53.
template <class F, class... O> struct term_of_row {
  F f;
  pack<O...> operands;
  std::size_t columns;

  FOVEA_HD double operator()(double r) const {
    return static_cast<double>(operands.apply(f, row{static_cast<std::size_t>(r), columns}));
  }
};

}  // namespace fovea::thrust_detail
