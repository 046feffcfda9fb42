// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/tensor/operand_elements.hpp>
#include <fovea/tensor/product_options.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// Every verb of `backend` as a plain loop over host memory. A backend inherits it and replaces what it can do faster; the
/// conformance kit tests other backends against it.
struct host_algorithms {
  using memory = host_memory;

  /// Calls f(x...) once for each place with references to the operands' elements; f may write those that are not const.
  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    using V = typename computes_in<O...>::type;
    for (std::size_t r = 0; r != d.extent(0); ++r)
      for (std::size_t c = 0; c != d.extent(1); ++c) f(detail::element<V>(operands, {r * d.extent(1) + c, r, c})...);
  }

  /// Calls f as `for_each` does and folds its return value, one number or `terms` with one number per result, into the results.
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    using V = typename computes_in<O...>::type;
    auto all = std::apply(
        [&](R const&... r) { return std::tuple<accumulator<R>...>{accumulator<R>(r, d.extent(1))...}; }, results);
    auto const take = [&]<std::size_t... K>(std::index_sequence<K...>, auto const& term, std::size_t c) {
      (std::get<K>(all).take(c, static_cast<double>(detail::term<K>(term))), ...);
    };
    for (std::size_t r = 0; r != d.extent(0); ++r) {
      for (std::size_t c = 0; c != d.extent(1); ++c)
        take(std::index_sequence_for<R...>{}, f(detail::element<V>(operands, {r * d.extent(1) + c, r, c})...), c);
      std::apply([&](auto&... one) { (one.end_row(r), ...); }, all);
    }
    std::apply([](auto&... one) { (one.end(), ...); }, all);
  }

  /// Calls f(row, operands...) once for each row. `row` has the verbs `for_each`, `sum` and `maximum` over the row's columns,
  /// and `load` and `store` for one number per row. They return a number, or, in a backend that handles several rows at once,
  /// a batch with one number per row; a formula therefore declares these values with `auto`.
  template <class Domain, class F, class... O>
  void for_each_row(Domain const& d, F const& f, O const&... operands) const {
    for (std::size_t r = 0; r != d.extent(0); ++r) f(row{r, d.extent(1)}, operands...);
  }

  /// Calls f as `for_each_row` does and folds its return values.
  template <class Domain, class F, class Fold, class... O>
  void reduce_rows(Domain const& d, F const& f, overall<Fold> to, O const&... operands) const {
    double sum = Fold::template identity<double>();
    for (std::size_t r = 0; r != d.extent(0); ++r)
      sum = Fold{}(sum, static_cast<double>(f(row{r, d.extent(1)}, operands...)));
    *to.elements = sum;
  }

  /// Calls f(i) for each i below n, in any order.
  template <class F> void for_each_index(std::size_t n, F const& f) const {
    for (std::size_t i = 0; i != n; ++i) f(i);
  }

  /// c = scale a b (+ c), then the epilogue on each element of c with the operands.
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply(C const& c, A const& a, B const& b, product_options options = {}, Epilogue const& epilogue = {},
                O const&... operands) const {
    using T = std::remove_reference_t<decltype(*c.elements)>;
    auto const rows = c.extents.extent(0), columns = c.extents.extent(1);
    auto const inner = inner_extent(a);
    for (std::size_t i = 0; i != rows; ++i)
      for (std::size_t j = 0; j != columns; ++j) {
        T sum{};
        for (std::size_t k = 0; k != inner; ++k) sum += entry(a, i, k) * entry(b, k, j);
        T& to = c.elements[i * columns + j];
        to = static_cast<T>(options.scale) * sum + (options.accumulate ? to : T{});
      }
    for_each(c.extents, epilogue, each{c.elements}, operands...);
  }

  template <class T> void copy(T const* from, T* to, std::size_t n) const {
    if (n != 0) std::memmove(to, from, n * sizeof(T));
  }
  void synchronize() const {}

  /// One number in the backend's memory.
  template <class T> struct scalar {
    T value{};
    T* data() { return &value; }
    T const* data() const { return &value; }
  };
  template <class T> T read(scalar<T> const& s) const { return s.value; }

  /// The verbs of one row. The operands are those of the whole domain. Device code can use it, too.
  struct row {
    std::size_t index, columns;

    template <class F, class... O> FOVEA_HD void for_each(F const& f, O const&... operands) const {
      using V = typename computes_in<O...>::type;
      for (std::size_t c = 0; c != columns; ++c) f(detail::element<V>(operands, {index * columns + c, index, c})...);
    }
    template <class F, class... O> FOVEA_HD auto sum(F const& f, O const&... operands) const {
      return folded(plus{}, f, operands...);
    }
    template <class F, class... O> FOVEA_HD auto maximum(F const& f, O const&... operands) const {
      return folded(fovea::maximum{}, f, operands...);
    }
    /// Reads this row's element of `from` as a T, and writes this row's element of `to`.
    template <class T, class U> FOVEA_HD T load(U const* from) const { return static_cast<T>(from[index]); }
    template <class T> FOVEA_HD void store(T* to, T const& x) const { to[index] = x; }

   private:
    template <class Fold, class F, class... O> FOVEA_HD auto folded(Fold fold, F const& f, O const&... operands) const {
      using V = typename computes_in<O...>::type;
      double result = Fold::template identity<double>();
      for (std::size_t c = 0; c != columns; ++c)
        result = fold(result, static_cast<double>(f(detail::element<V>(operands, {index * columns + c, index, c})...)));
      return static_cast<V>(result);
    }
  };

 protected:
  // For a backend's own product: the number of terms of each sum, and an entry of a factor or of its transpose.
  template <class S> static std::size_t inner_extent(S const& a) { return a.extents.extent(1); }
  template <class S> static std::size_t inner_extent(transposed_span<S> const& a) { return a.matrix.extents.extent(0); }
  template <class S> static auto entry(S const& a, std::size_t i, std::size_t j) {
    return a.elements[i * a.extents.extent(1) + j];
  }
  template <class S> static auto entry(transposed_span<S> const& a, std::size_t i, std::size_t j) {
    return entry(a.matrix, j, i);
  }

 private:
  /// Accumulates one result in double.
  template <class Result> struct accumulator;
  template <class Fold> struct accumulator<overall<Fold>> {
    overall<Fold> destination;
    double sum;
    accumulator(overall<Fold> r, std::size_t) : destination(r), sum(Fold::template identity<double>()) {}
    void take(std::size_t, double v) { sum = Fold{}(sum, v); }
    void end_row(std::size_t) {}
    void end() { *destination.elements = sum; }
  };
  template <class T, class Fold> struct accumulator<by_row<T, Fold>> {
    by_row<T, Fold> destination;
    double sum;
    accumulator(by_row<T, Fold> r, std::size_t) : destination(r), sum(Fold::template identity<double>()) {}
    void take(std::size_t, double v) { sum = Fold{}(sum, v); }
    void end_row(std::size_t r) {
      destination.elements[r] = static_cast<T>(sum), sum = Fold::template identity<double>();
    }
    void end() {}
  };
  template <class T, class Fold> struct accumulator<by_column<T, Fold>> {
    by_column<T, Fold> destination;
    std::vector<double> sums;
    accumulator(by_column<T, Fold> r, std::size_t columns)
        : destination(r), sums(columns, Fold::template identity<double>()) {}
    void take(std::size_t c, double v) { sums[c] = Fold{}(sums[c], v); }
    void end_row(std::size_t) {}
    void end() {
      for (std::size_t c = 0; c != sums.size(); ++c) destination.elements[c] = static_cast<T>(sums[c]);
    }
  };
};

}  // namespace fovea
