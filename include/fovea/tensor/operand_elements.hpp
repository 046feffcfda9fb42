// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

#include <fovea/tensor/operands.hpp>

/// Access to an operand's element at one place of the domain, for the plain loops of the host and the threads of a device.
namespace fovea::detail {

struct place {
  std::size_t flat, row, column;
};

/// Returns the element's value converted to V, or a reference if it has type V or is a struct without that conversion.
template <class V, class T> FOVEA_HD constexpr decltype(auto) converted(T& x) {
  if constexpr (std::is_same_v<std::remove_const_t<T>, V> || (std::is_class_v<T> && !std::is_constructible_v<V, T&>))
    return (x);
  else return static_cast<V>(x);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(each<T> o, place const& p) {
  return detail::converted<V>(o.elements[p.flat]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(out<T> o, place const& p) {
  return (o.elements[p.flat]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(per_column<T> o, place const& p) {
  return detail::converted<V>(o.elements[p.column]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(per_row<T> o, place const& p) {
  return detail::converted<V>(o.elements[p.row]);
}
template <class V, class T> FOVEA_HD constexpr decltype(auto) element(broadcast<T> o, place const&) {
  return detail::converted<V>(*o.elements);
}
template <class V, class T> FOVEA_HD constexpr V element(column_index<T>, place const& p) {
  return static_cast<V>(p.column);
}

/// Returns term K of a reduction formula's return value: of `terms`, or the one number that all results share.
template <std::size_t K, class T> FOVEA_HD constexpr auto const& term(T const& t) {
  if constexpr (requires { t.values[K]; }) return t.values[K];
  else return t;
}

}  // namespace fovea::detail
