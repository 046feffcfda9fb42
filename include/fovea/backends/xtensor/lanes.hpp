// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include <fovea/backends/xtensor/elementary.hpp>
#include <fovea/tensor/operands.hpp>

namespace fovea::xtensor_detail {

/// Where a batch of places lies in the domain. When narrow rows are walked flat, the batch may reach over several rows
/// (`row` is `many_rows`) and `column` counts through the repeated pattern. Lanes beyond `lanes` are padding.
inline constexpr std::size_t many_rows = static_cast<std::size_t>(-1);
struct place {
  std::size_t flat, row, column, lanes, columns;
};

/// Loads and stores of a batch, the whole of it or, padded, its first lanes. Other types are converted.
template <class V, bool Whole, class U> V load(U const* from, std::size_t lanes) {
  using T = typename V::value_type;
  if constexpr (Whole && std::is_same_v<T, U>) {
    return V::load_unaligned(from);
  } else {
    alignas(64) T padded[V::size] = {};
    for (std::size_t i = 0; i != (Whole ? V::size : lanes); ++i) padded[i] = static_cast<T>(from[i]);
    return V::load_aligned(padded);
  }
}
template <class V, bool Whole, class T> void store(V const& v, T* to, std::size_t lanes) {
  if constexpr (Whole) {
    v.store_unaligned(to);
  } else {
    alignas(64) T padded[V::size];
    v.store_aligned(padded);
    for (std::size_t i = 0; i != lanes; ++i) to[i] = padded[i];
  }
}

/// An operand's lanes at one place: what a formula is called with, and what is stored when it has returned.
template <class V, bool Whole, class Operand> struct lane;

template <class V, bool Whole, class T> struct lane<V, Whole, each<T const>> {
  V const value;
  lane(each<T const> o, place const& p) : value(load<V, Whole>(o.at + p.flat, p.lanes)) {}
  void finish() const {}
};
template <class V, bool Whole, class T> struct lane<V, Whole, each<T>> {
  V value;
  T* to;
  std::size_t lanes;
  lane(each<T> o, place const& p) : value(load<V, Whole>(o.at + p.flat, p.lanes)), to(o.at + p.flat), lanes(p.lanes) {}
  void finish() const { store<V, Whole>(value, to, lanes); }
};
template <class V, bool Whole, class T> struct lane<V, Whole, out<T>> {
  V value;
  T* to;
  std::size_t lanes;
  lane(out<T> o, place const& p) : value(T(0)), to(o.at + p.flat), lanes(p.lanes) {}
  void finish() const { store<V, Whole>(value, to, lanes); }
};
template <class V, bool Whole, class T> struct lane<V, Whole, per_column<T>> {
  V const value;
  lane(per_column<T> o, place const& p) : value(load<V, Whole>(o.at + p.column, p.lanes)) {}
  void finish() const {}
};
/// Several rows may share a batch: then each lane takes its own row's number.
template <class V, bool Whole, class T> struct lane<V, Whole, per_row<T>> {
  V const value;
  lane(per_row<T> o, place const& p) : value(rows(o.at, p)) {}
  static V rows(T const* at, place const& p) {
    using S = typename V::value_type;
    if (p.row != many_rows) return V(static_cast<S>(at[p.row]));
    alignas(64) S each_lane[V::size] = {};
    auto row = p.flat / p.columns, column = p.flat % p.columns;
    for (std::size_t i = 0; i != p.lanes; ++i) {
      each_lane[i] = static_cast<S>(at[row]);
      if (++column == p.columns) column = 0, ++row;
    }
    return V::load_aligned(each_lane);
  }
  void finish() const {}
};
template <class V, bool Whole, class T> struct lane<V, Whole, everywhere<T>> {
  static constexpr bool number = std::is_arithmetic_v<T>;
  std::conditional_t<number, V, T const&> value;
  lane(everywhere<T> o, place const&) : value(converted(o)) {}
  static decltype(auto) converted(everywhere<T> o) {
    if constexpr (number) return V(static_cast<typename V::value_type>(*o.at));
    else return (*o.at);
  }
  void finish() const {}
};

/// Calls the formula on the operands' lanes and stores what it has written.
template <class V, bool Whole, class F, class... O> auto call(F const& f, place const& p, O const&... operands) {
  return [&](auto... lanes) {
    if constexpr (std::is_void_v<decltype(f(lanes.value...))>) {
      f(lanes.value...);
      (lanes.finish(), ...);
    } else {
      auto const result = f(lanes.value...);
      (lanes.finish(), ...);
      return result;
    }
  }(lane<V, Whole, O>(operands, p)...);
}

}  // namespace fovea::xtensor_detail
