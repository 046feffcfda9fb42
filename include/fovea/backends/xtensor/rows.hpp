// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <fovea/backends/xtensor/operand_registers.hpp>
#include <fovea/backends/xtensor/thread_pool.hpp>

/// The rows that `for_each_row` hands to a formula. A long row comes alone, in batches of its columns; short rows come together,
/// one per lane of a batch, transposed. The formula is the same; a row's verbs return a number or a batch.
namespace fovea::xtensor_detail {

#if defined(__AVX512F__)
inline float across_register(plus, __m512 v) { return _mm512_reduce_add_ps(v); }
inline double across_register(plus, __m512d v) { return _mm512_reduce_add_pd(v); }
inline float across_register(maximum, __m512 v) {
  return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) ? std::numeric_limits<float>::quiet_NaN() : _mm512_reduce_max_ps(v);
}
inline double across_register(maximum, __m512d v) {
  return _mm512_cmp_pd_mask(v, v, _CMP_UNORD_Q) ? std::numeric_limits<double>::quiet_NaN() : _mm512_reduce_max_pd(v);
}
#endif

/// Folds the lanes of a batch into one number, always in the same order: one half onto the other, repeatedly.
template <class Fold, class V> typename V::value_type across(V const& v) {
#if defined(__AVX512F__)
  if constexpr (masks_lanes<typename V::value_type, typename V::arch_type>) return across_register(Fold{}, v);
#endif
  alignas(64) typename V::value_type all[V::size];
  v.store_aligned(all);
  for (std::size_t half = V::size / 2; half != 0; half /= 2)
    for (std::size_t i = 0; i != half; ++i) all[i] = Fold{}(all[i], all[i + half]);
  return all[0];
}

/// Returns lane k of a row verb's result.
template <class T> T element_at(T const& x, std::size_t) { return x; }
template <class T, class A> T element_at(xsimd::batch<T, A> const& x, std::size_t k) {
  alignas(64) T all[xsimd::batch<T, A>::size];
  x.store_aligned(all);
  return all[k];
}

/// One row, in batches of its columns.
template <class Arch> struct long_row {
  std::size_t index, columns;

  template <class F, class... O> void for_each(F const& f, O const&... operands) const {
    using V = xsimd::batch<typename computes_in<O...>::type, Arch>;
    std::size_t c = 0;
    for (; c + V::size <= columns; c += V::size) call<V, register_part::all>(f, place_of(c, V::size), operands...);
    if (c != columns) call<V, register_part::masked>(f, place_of(c, columns - c), operands...);
  }
  template <class F, class... O> auto sum(F const& f, O const&... operands) const {
    return folded<plus>(f, operands...);
  }
  template <class F, class... O> auto maximum(F const& f, O const&... operands) const {
    return folded<fovea::maximum>(f, operands...);
  }
  template <class T, class U> T load(U const* from) const { return static_cast<T>(from[index]); }
  template <class T> void store(T* to, T const& x) const { to[index] = x; }

 private:
  place place_of(std::size_t c, std::size_t lanes) const { return {index * columns + c, index, c, lanes, columns}; }
  template <class Fold, class F, class... O> auto folded(F const& f, O const&... operands) const {
    using T = typename computes_in<O...>::type;
    constexpr std::size_t block = folded_registers * xsimd::batch<T, Arch>::size;
    if (columns <= block) return fold_columns<Fold, T>(0, columns, f, operands...);
    double result = Fold::template identity<double>();
    for (std::size_t c = 0; c < columns; c += block)
      result =
          Fold{}(result, static_cast<double>(fold_columns<Fold, T>(c, (std::min)(columns, c + block), f, operands...)));
    return static_cast<T>(result);
  }
  template <class Fold, class T, class F, class... O>
  T fold_columns(std::size_t c, std::size_t end, F const& f, O const&... operands) const {
    using V = xsimd::batch<T, Arch>;
    auto lanes = Fold::template identity<V>();
    for (; c + V::size <= end; c += V::size)
      lanes = Fold{}(lanes, call<V, register_part::all>(f, place_of(c, V::size), operands...));
    if (c != end)
      lanes = Fold{}(lanes, first_or(call<V, register_part::masked>(f, place_of(c, end - c), operands...), end - c,
                                     Fold::template identity<T>()));
    return xtensor_detail::across<Fold>(lanes);
  }
};

/// The largest number of columns of a short row; longer rows are faster one at a time than transposed.
template <class V> inline constexpr std::size_t short_columns = 2 * V::size - 1;

/// At most as many rows as a batch has lanes, transposed: element (row, column) of an operand is at [column * lanes + row].
template <class V> struct short_rows {
  std::size_t first, count, columns;

  template <class F, class... O> void for_each(F const& f, O const&... operands) const {
    for (std::size_t c = 0; c != columns; ++c) run_column(c, f, operands...);
  }
  template <class F, class... O> auto sum(F const& f, O const&... operands) const {
    return folded<plus>(f, operands...);
  }
  template <class F, class... O> auto maximum(F const& f, O const&... operands) const {
    return folded<fovea::maximum>(f, operands...);
  }
  template <class T, class U> V load(U const* from) const {
    return xtensor_detail::load<V, register_part::masked>(from + first, count);
  }
  template <class T> void store(T* to, V const& x) const {
    xtensor_detail::store<V, register_part::masked>(x, to + first, count);
  }

 private:
  template <class T> struct turned {
    V value;
    T* destination;
    void finish() const {
      if constexpr (!std::is_const_v<T>) value.store_aligned(destination);
    }
  };
  struct constant {
    V const value;
    void finish() const {}
  };
  template <class T> struct referred {
    T const& value;
    void finish() const {}
  };
  using S = typename V::value_type;
  template <class T> static auto lane_of(each<T> o, std::size_t c) {
    return turned<T>{V::load_aligned(o.elements + c * V::size), o.elements + c * V::size};
  }
  template <class T> static auto lane_of(out<T> o, std::size_t c) {
    return turned<T>{V(S(0)), o.elements + c * V::size};
  }
  template <class T> static auto lane_of(per_column<T> o, std::size_t c) {
    return constant{V(static_cast<S>(o.elements[c]))};
  }
  template <class T> static auto lane_of(per_row<T> o, std::size_t) { return constant{V::load_aligned(o.elements)}; }
  template <class T> static auto lane_of(broadcast<T> o, std::size_t) {
    if constexpr (std::is_arithmetic_v<T>) return constant{V(static_cast<S>(*o.elements))};
    else return referred<T>{*o.elements};
  }
  template <class T> static auto lane_of(column_index<T>, std::size_t c) { return constant{V(static_cast<S>(c))}; }

  template <class F, class... O> static auto run_column(std::size_t c, F const& f, O const&... operands) {
    return xtensor_detail::call_with(f, lane_of(operands, c)...);
  }
  template <class Fold, class F, class... O> V folded(F const& f, O const&... operands) const {
    auto result = Fold::template identity<V>();
    for (std::size_t c = 0; c != columns; ++c) result = Fold{}(result, run_column(c, f, operands...));
    return result;
  }
};

/// A few rows of an operand: transposed on construction, and transposed back by `finish`.
template <class V, class O> struct few_rows {
  O operand;
  few_rows(O o, short_rows<V> const&) : operand(o) {}
  void finish(short_rows<V> const&) const {}
};
template <class V, class T, bool Read> struct turned_elements {
  using S = typename V::value_type;
  alignas(64) S buffer[short_columns<V> * V::size];
  T* elements;

  turned_elements(T* all, short_rows<V> const& rows) : elements(all + rows.first * rows.columns) {
    if constexpr (Read)
      for (std::size_t c = 0; c != rows.columns; ++c)
        for (std::size_t r = 0; r != V::size; ++r)
          buffer[c * V::size + r] = static_cast<S>(elements[(std::min)(r, rows.count - 1) * rows.columns + c]);
  }
  turned_elements(turned_elements const&) = delete;
  void finish(short_rows<V> const& rows) const {
    if constexpr (!std::is_const_v<T>)
      for (std::size_t r = 0; r != rows.count; ++r)
        for (std::size_t c = 0; c != rows.columns; ++c) elements[r * rows.columns + c] = buffer[c * V::size + r];
  }
};
template <class V, class T> struct few_rows<V, each<T>> : turned_elements<V, T, true> {
  using S = std::conditional_t<std::is_const_v<T>, typename V::value_type const, typename V::value_type>;
  each<S> operand{this->buffer};
  few_rows(each<T> o, short_rows<V> const& rows) : turned_elements<V, T, true>(o.elements, rows) {}
};
template <class V, class T> struct few_rows<V, out<T>> : turned_elements<V, T, false> {
  out<T> operand{this->buffer};
  few_rows(out<T> o, short_rows<V> const& rows) : turned_elements<V, T, false>(o.elements, rows) {}
};
template <class V, class T> struct few_rows<V, per_row<T>> {
  alignas(64) typename V::value_type numbers[V::size];
  per_row<typename V::value_type> operand{numbers};
  few_rows(per_row<T> o, short_rows<V> const& rows) {
    load<V, register_part::masked>(o.elements + rows.first, rows.count).store_aligned(numbers);
  }
  few_rows(few_rows const&) = delete;
  void finish(short_rows<V> const&) const {}
};

/// Calls each_result(f, row count, rows, operands...) for rows [begin, end), in order.
template <class Arch, class F, class Each, class... O>
void run_whole_rows(std::size_t begin, std::size_t end, std::size_t columns, F const& f, Each const& each_result,
                    O const&... operands) {
  using V = xsimd::batch<typename computes_in<O...>::type, Arch>;
  if (columns == 0 || columns > short_columns<V>) {
    for (auto r = begin; r < end; ++r) each_result(f, std::size_t{1}, long_row<Arch>{r, columns}, operands...);
    return;
  }
  for (auto r = begin; r < end; r += V::size) {
    short_rows<V> const rows{r, (std::min)(V::size, end - r), columns};
    [&](auto&&... few) {
      each_result(f, rows.count, rows, few.operand...);
      (few.finish(rows), ...);
    }(few_rows<V, O>(operands, rows)...);
  }
}

}  // namespace fovea::xtensor_detail
