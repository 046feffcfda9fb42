// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include <fovea/backends/xtensor/elementary.hpp>
#include <fovea/tensor/operands.hpp>

namespace fovea::xtensor_detail {

/// The position of a batch of places in the domain. For narrow rows, which are visited flat, a batch may span several rows:
/// `row` is then `many_rows`, and `column` counts through the repeated pattern. Lanes from `lanes` on are padding. An operand's
/// first element is that of place `flat_base`, or of column `column_base`.
inline constexpr std::size_t many_rows = static_cast<std::size_t>(-1);
struct place {
  std::size_t flat, row, column, lanes, columns, flat_base = 0, column_base = 0;

  std::size_t element() const { return flat - flat_base; }
  std::size_t element_of_column() const { return column - column_base; }
};

/// The number of registers that are folded in the element type: with more, the roundings of a float add up. At most 31 roundings
/// of a lane's sum give a relative error below 2^-19 for terms of one sign, where 4,096 elements gave 2^-16.
inline constexpr std::size_t folded_registers = 32;

#if defined(__AVX512F__)
/// With AVX-512, masked instructions load, store and blend the first lanes of a batch.
template <class T, class A>
concept masks_lanes = std::is_base_of_v<xsimd::avx512f, A> && (std::is_same_v<T, float> || std::is_same_v<T, double>);
inline __mmask16 first_lanes(float, std::size_t n) { return static_cast<__mmask16>((1u << n) - 1); }
inline __mmask8 first_lanes(double, std::size_t n) { return static_cast<__mmask8>((1u << n) - 1); }
inline __m512 load_first(float const* from, __mmask16 m) { return _mm512_maskz_loadu_ps(m, from); }
inline __m512d load_first(double const* from, __mmask8 m) { return _mm512_maskz_loadu_pd(m, from); }
inline void store_first(float* to, __mmask16 m, __m512 v) { _mm512_mask_storeu_ps(to, m, v); }
inline void store_first(double* to, __mmask8 m, __m512d v) { _mm512_mask_storeu_pd(to, m, v); }
inline __m512 blend(__mmask16 m, __m512 a, __m512 b) { return _mm512_mask_blend_ps(m, b, a); }
inline __m512d blend(__mmask8 m, __m512d a, __m512d b) { return _mm512_mask_blend_pd(m, b, a); }
#else
template <class T, class A>
concept masks_lanes = false;
#endif

/// The lanes of a register that hold elements: all of them, or the first few, by masked instructions on AVX-512 and a padded copy
/// elsewhere.
enum class register_part { all, masked };

/// Loads and stores a part of a batch. Elements of other types are converted.
template <class V, register_part Part, class U> V load(U const* from, std::size_t lanes) {
  using T = typename V::value_type;
  if constexpr (Part == register_part::all && std::is_same_v<T, U>) {
    return V::load_unaligned(from);
  } else if constexpr (Part == register_part::masked && std::is_same_v<T, U> && masks_lanes<T, typename V::arch_type>) {
    return load_first(from, first_lanes(T(), lanes));
  } else {
    alignas(64) T padded[V::size] = {};
    for (std::size_t i = 0; i != (Part == register_part::all ? V::size : lanes); ++i)
      padded[i] = static_cast<T>(from[i]);
    return V::load_aligned(padded);
  }
}
template <class V, register_part Part, class T> void store(V const& v, T* to, std::size_t lanes) {
  if constexpr (Part == register_part::all) {
    v.store_unaligned(to);
  } else if constexpr (Part == register_part::masked && masks_lanes<T, typename V::arch_type>) {
    store_first(to, first_lanes(T(), lanes), v);
  } else {
    alignas(64) T padded[V::size];
    v.store_aligned(padded);
    for (std::size_t i = 0; i != lanes; ++i) to[i] = padded[i];
  }
}
/// Returns the first lanes of v, and `other` in the rest.
template <class V> V first_or(V const& v, std::size_t lanes, typename V::value_type other) {
  using T = typename V::value_type;
  if constexpr (masks_lanes<T, typename V::arch_type>) {
    return blend(first_lanes(T(), lanes), v, V(other));
  } else {
    alignas(64) T all[V::size];
    v.store_aligned(all);
    for (std::size_t i = lanes; i != V::size; ++i) all[i] = other;
    return V::load_aligned(all);
  }
}

/// Returns 0, 1, 2, ... in the lanes of a batch.
template <class V> V index_of_lane() {
  using T = typename V::value_type;
  alignas(64) static constexpr auto numbers = [] {
    std::array<T, V::size> all{};
    for (std::size_t i = 0; i != V::size; ++i) all[i] = static_cast<T>(i);
    return all;
  }();
  return V::load_aligned(numbers.data());
}

/// An operand of the last register of a row, whose elements are copied to a full register and from it (`finish`); others stay.
template <class V, class Operand> struct padded_operand {
  Operand operand;
  padded_operand(Operand o, place const&) : operand(o) {}
  void finish() const {}
};
template <class V, class Operand, class T> struct copied_operand {
  alignas(64) std::remove_const_t<T> full[V::size];
  Operand operand{full};
  T* elements;
  std::size_t lanes;
  // The padding repeats the first element, not 0: one element alone is then stored, and later read, as a whole register.
  copied_operand(T* from, std::size_t n) : elements(from), lanes(n) {
    for (auto& element : full) element = *from;
    for (std::size_t i = 1; i < lanes; ++i) full[i] = elements[i];
  }
  copied_operand(copied_operand const&) = delete;
  void finish() const {
    if constexpr (!std::is_const_v<T>)
      for (std::size_t i = 0; i != lanes; ++i) elements[i] = full[i];
  }
};
template <class V, class T> struct padded_operand<V, each<T>> : copied_operand<V, each<T>, T> {
  padded_operand(each<T> o, place const& p) : copied_operand<V, each<T>, T>(o.elements + p.flat, p.lanes) {}
};
template <class V, class T> struct padded_operand<V, out<T>> : copied_operand<V, out<T>, T> {
  padded_operand(out<T> o, place const& p) : copied_operand<V, out<T>, T>(o.elements + p.flat, p.lanes) {}
};
/// A repeated pattern has whole registers.
template <class V, class T> struct padded_operand<V, per_column<T>> {
  alignas(64) std::remove_const_t<T> full[V::size] = {};
  per_column<T> operand;
  padded_operand(per_column<T> o, place const& p) : operand(o) {
    if (p.row == many_rows) return;
    for (std::size_t i = 0; i != p.lanes; ++i) full[i] = o.elements[p.column + i];
    operand.elements = full;
  }
  padded_operand(padded_operand const&) = delete;
  void finish() const {}
};

/// An operand's elements at a batch of places: the argument of a formula, and what `finish` stores after the call.
template <class V, register_part Part, class Operand> struct operand_register;

template <class V, register_part Part, class T> struct operand_register<V, Part, each<T const>> {
  V const value;
  operand_register(each<T const> o, place const& p) : value(load<V, Part>(o.elements + p.element(), p.lanes)) {}
  void finish() const {}
};
template <class V, register_part Part, class T> struct operand_register<V, Part, each<T>> {
  V value;
  T* destination;
  std::size_t lanes;
  operand_register(each<T> o, place const& p)
      : value(load<V, Part>(o.elements + p.element(), p.lanes)), destination(o.elements + p.element()), lanes(p.lanes) {
  }
  void finish() const { store<V, Part>(value, destination, lanes); }
};
template <class V, register_part Part, class T> struct operand_register<V, Part, out<T>> {
  V value;
  T* destination;
  std::size_t lanes;
  operand_register(out<T> o, place const& p) : value(T(0)), destination(o.elements + p.element()), lanes(p.lanes) {}
  void finish() const { store<V, Part>(value, destination, lanes); }
};
template <class V, register_part Part, class T> struct operand_register<V, Part, per_column<T>> {
  V const value;
  operand_register(per_column<T> o, place const& p)
      : value(load<V, Part>(o.elements + p.element_of_column(), p.lanes)) {}
  void finish() const {}
};
/// If a batch spans several rows, each lane holds its own row's element.
template <class V, register_part Part, class T> struct operand_register<V, Part, per_row<T>> {
  V const value;
  operand_register(per_row<T> o, place const& p) : value(rows(o.elements, p)) {}
  static V rows(T const* numbers, place const& p) {
    using S = typename V::value_type;
    if (p.row != many_rows) return V(static_cast<S>(numbers[p.row]));
    alignas(64) S each_lane[V::size] = {};
    auto row = p.flat / p.columns, column = p.flat % p.columns;
    for (std::size_t i = 0; i != p.lanes; ++i) {
      each_lane[i] = static_cast<S>(numbers[row]);
      if (++column == p.columns) column = 0, ++row;
    }
    return V::load_aligned(each_lane);
  }
  void finish() const {}
};
template <class V, register_part Part, class T> struct operand_register<V, Part, broadcast<T>> {
  static constexpr bool number = std::is_arithmetic_v<T>;
  std::conditional_t<number, V, T const&> value;
  operand_register(broadcast<T> o, place const&) : value(converted(o)) {}
  static decltype(auto) converted(broadcast<T> o) {
    if constexpr (number) return V(static_cast<typename V::value_type>(*o.elements));
    else return (*o.elements);
  }
  void finish() const {}
};
template <class V, register_part Part, class T> struct operand_register<V, Part, column_index<T>> {
  V const value;
  operand_register(column_index<T>, place const& p) : value(counted(p)) {}
  static V counted(place const& p) {
    using S = typename V::value_type;
    if (p.row != many_rows) return V(static_cast<S>(p.column)) + index_of_lane<V>();
    alignas(64) S each_lane[V::size];
    for (std::size_t i = 0; i != V::size; ++i) each_lane[i] = static_cast<S>((p.flat + i) % p.columns);
    return V::load_aligned(each_lane);
  }
  void finish() const {}
};

/// Calls the formula on the operands' registers and stores what the formula wrote.
template <class F, class... Registers> auto call_with(F const& f, Registers... operands) {
  if constexpr (std::is_void_v<decltype(f(operands.value...))>) {
    f(operands.value...);
    (operands.finish(), ...);
  } else {
    auto const result = f(operands.value...);
    (operands.finish(), ...);
    return result;
  }
}
template <class V, register_part Part, class F, class... O>
auto call(F const& f, place const& p, O const&... operands) {
  return xtensor_detail::call_with(f, operand_register<V, Part, O>(operands, p)...);
}

}  // namespace fovea::xtensor_detail
