// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <tuple>

#include <fovea/testing/laws/support.hpp>

namespace fovea::testing::laws {

namespace formulas {
struct itself {
  template <class T> FOVEA_HD constexpr T operator()(T const& x) const { return x; }
};
struct reciprocal {
  template <class T> FOVEA_HD constexpr T operator()(T const& x) const { return T(1) / x; }
};
/// Returns six terms and writes an operand.
struct six_terms {
  template <class T> FOVEA_HD constexpr auto operator()(T const& x, T& twice, T const& column) const {
    twice = x + x;
    return fovea::terms{x, x, x, x + column, x, x};
  }
};
/// Returns x as each of N terms.
template <std::size_t N> struct again {
  template <class T> FOVEA_HD constexpr auto operator()(T const& x) const {
    if constexpr (N == 1) return x;
    else if constexpr (N == 2) return fovea::terms{x, x};
    else return fovea::terms{x, x, x};
  }
};
}  // namespace formulas

/// The sum and the maximum of the numbers taken so far, in long double.
struct folded {
  long double sum = 0, magnitude = 0, maximum = -infinity<long double>;
  std::size_t count = 0;
  void take(long double x) {
    sum += x, magnitude += std::abs(x), ++count;
    maximum = x != x || maximum != maximum ? nan<long double> : (std::max)(maximum, x);
  }
  /// The largest allowed error of a sum: at most 512 elements are added in T, the rest is added in double, and the result
  /// is rounded to R.
  template <class T, class R> long double bound() const {
    auto const lanes = static_cast<long double>(std::min<std::size_t>(count, 512)) * rounding<T>;
    auto const doubles = static_cast<long double>(count) * rounding<double>;
    return 1.01L * ((lanes + doubles) * magnitude + rounding<R> * std::abs(sum));
  }
};
/// The expected folds of x over d: over all elements, each column and each row.
template <class T> struct folds {
  folded all;
  std::vector<folded> columns, rows;
  folds(domain<> const& d, std::vector<T> const& x) : columns(d.extent(1)), rows(d.extent(0)) {
    for (std::size_t r = 0; r != d.extent(0); ++r)
      for (std::size_t c = 0; c != d.extent(1); ++c) {
        long double const value = x[r * d.extent(1) + c];
        all.take(value), columns[c].take(value), rows[r].take(value);
      }
  }
};

/// One kind of reduction result: its memory on the backend, how to read it, and its expected value.
template <class B, class Fold> struct overall_result {
  typename B::template scalar<double> scalar;
  overall_result(B const&, domain<> const&) {}
  auto into() { return fovea::overall<Fold>{scalar.data()}; }
  template <class F> void read(B const& b, F const& look) { look("total", std::size_t{0}, b.read(scalar)); }
  static auto const& expected_in(folds<typename B::value_type> const& f, std::size_t) { return f.all; }
  using type = double;
  using fold = Fold;
};
template <class B, class Fold> struct by_column_result {
  using T = typename B::value_type;
  buffer<B, T> destination;
  by_column_result(B const& b, domain<> const& d) : destination(b, std::vector<T>(d.extent(1), nan<T>)) {}
  auto into() { return fovea::by_column<T, Fold>{destination.data()}; }
  template <class F> void read(B const&, F const& look) {
    for (std::size_t i = 0; T x : destination.get()) look("down column", i++, x);
  }
  static auto const& expected_in(folds<T> const& f, std::size_t i) { return f.columns[i]; }
  using type = T;
  using fold = Fold;
};
template <class B, class Fold> struct by_row_result {
  using T = typename B::value_type;
  buffer<B, T> destination;
  by_row_result(B const& b, domain<> const& d) : destination(b, std::vector<T>(d.extent(0), nan<T>)) {}
  auto into() { return fovea::by_row<T, Fold>{destination.data()}; }
  template <class F> void read(B const&, F const& look) {
    for (std::size_t i = 0; T x : destination.get()) look("along row", i++, x);
  }
  static auto const& expected_in(folds<T> const& f, std::size_t i) { return f.rows[i]; }
  using type = T;
  using fold = Fold;
};

/// Throws `broken_law` unless a sum is within its bound, or a maximum is exact.
template <class R, class B>
void check_result(B const& b, R& result, domain<> const& d, folds<typename B::value_type> const& expected) {
  result.read(b, [&](char const* what, std::size_t i, typename R::type got) {
    auto const& want = R::expected_in(expected, i);
    if constexpr (std::same_as<typename R::fold, fovea::maximum>)
      hold(same<long double>(got, want.maximum), "maximum ", what, " ", i, ", ", d, ": ", got, " instead of ",
           want.maximum);
    else
      hold(same<long double>(got, want.sum) ||
               std::abs(got - want.sum) <= want.template bound<typename B::value_type, typename R::type>(),
           "sum ", what, " ", i, ", ", d, ": ", got, " instead of ", want.sum);
  });
}

/// Reduces x into results of these kinds, in one call, and checks them.
template <class... Results, class B, class T>
void check_reduction(B const& b, domain<> const& d, std::vector<T> const& xs) {
  buffer<B, T> const x(b, xs);
  std::tuple<Results...> results{Results(b, d)...};
  auto const into = std::apply([](auto&... r) { return std::tuple{r.into()...}; }, results);
  b.reduce(d, formulas::again<sizeof...(Results)>{}, into, fovea::each{x.read()});
  folds<T> const expected(d, xs);
  std::apply([&](auto&... r) { (check_result(b, r, d, expected), ...); }, results);
}

using fovea::maximum;
using fovea::plus;

/// Checks reductions of x into each kind of result, alone and in combinations.
template <class B, class T> void check_reductions(B const& b, domain<> const& d, std::vector<T> const& xs) {
  check_reduction<overall_result<B, plus>>(b, d, xs);
  check_reduction<by_column_result<B, plus>>(b, d, xs);
  check_reduction<by_row_result<B, plus>>(b, d, xs);
  check_reduction<overall_result<B, maximum>, by_column_result<B, maximum>>(b, d, xs);
  check_reduction<by_row_result<B, maximum>, overall_result<B, plus>>(b, d, xs);
  check_reduction<overall_result<B, plus>, by_column_result<B, plus>, by_row_result<B, plus>>(b, d, xs);
}

/// A sum adds at most 512 elements in the element type and continues in double; maxima are exact.
template <class B> void reduce_is_accurate(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    check_reductions(b, d, reals<T>(d.size(), 1));
    if (d.size() > 40000) check_reductions(b, d, std::vector<T>(d.size(), T(0.1)));  // rounding errors accumulate
  }
}

/// A sum loses small numbers beside a large one over at most 512 elements, after which it continues in double.
template <class B> void reduce_adds_small_numbers_to_large(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : {domain<>({1, 2000000}), domain<>({120000, 16}), domain<>({1300000, 3})}) {
    std::vector<T> xs(d.size(), static_cast<T>(rounding<T>));
    std::fill_n(xs.begin(), 16, T(1));
    check_reduction<overall_result<B, plus>>(b, d, xs);
    check_reduction<overall_result<B, plus>, by_row_result<B, plus>>(b, d, xs);
    if (d.extent(0) != 1) check_reduction<by_column_result<B, plus>>(b, d, xs);
  }
}

/// Sums of integers are exact, also with several results in one call and a formula that writes an operand.
template <class B> void reduce_folds_several_and_writes(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto const xs = integers<T>(d.size(), 1), columns = integers<T>(d.extent(1), 2);
    buffer<B, T> const x(b, xs), column(b, columns);
    buffer<B, T> twice(b, std::vector<T>(d.size(), nan<T>));
    overall_result<B, plus> sum(b, d);
    overall_result<B, maximum> largest(b, d);
    by_column_result<B, plus> down(b, d);
    by_column_result<B, maximum> largest_down(b, d);
    by_row_result<B, plus> along(b, d);
    by_row_result<B, maximum> largest_along(b, d);
    b.reduce(
        d, formulas::six_terms{},
        std::tuple{sum.into(), down.into(), along.into(), largest_down.into(), largest.into(), largest_along.into()},
        fovea::each{x.read()}, fovea::out{twice.data()}, fovea::per_column{column.read()});
    folds<T> const expected(d, xs);
    auto exactly = [&](char const* what, auto const& got, auto const& want) {
      for (std::size_t i = 0; i != got.size(); ++i)
        hold(same<long double>(got[i], want(i)), what, " ", i, ", ", d, ": ", got[i], " instead of ", want(i));
    };
    exactly("total", std::vector{b.read(sum.scalar)}, [&](auto) { return expected.all.sum; });
    exactly("largest", std::vector{b.read(largest.scalar)}, [&](auto) { return expected.all.maximum; });
    exactly("down column", down.destination.get(), [&](auto c) { return expected.columns[c].sum; });
    exactly("largest down column", largest_down.destination.get(),
            [&](auto c) { return expected.columns[c].maximum + columns[c]; });
    exactly("along row", along.destination.get(), [&](auto r) { return expected.rows[r].sum; });
    exactly("largest along row", largest_along.destination.get(), [&](auto r) { return expected.rows[r].maximum; });
    compare("written by a reduction", d, twice.get(), [&](auto r, auto c) { return 2 * xs[r * d.extent(1) + c]; });
  }
}

/// Padding beyond the last element contributes nothing: no 1 / 0 to a sum and no 0 to a maximum of negative numbers.
template <class B> void reduce_leaves_padding_out(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    if (d.size() > 40000) continue;
    buffer<B, T> const x(b, std::vector<T>(d.size(), T(-0.5)));
    overall_result<B, plus> sum(b, d);
    overall_result<B, maximum> largest(b, d);
    b.reduce(d, formulas::reciprocal{}, std::tuple{sum.into()}, fovea::each{x.read()});
    b.reduce(d, formulas::reciprocal{}, std::tuple{largest.into()}, fovea::each{x.read()});
    hold(b.read(sum.scalar) == -2. * static_cast<double>(d.size()), "sum of 1 / x, ", d, ": ", b.read(sum.scalar));
    hold(b.read(largest.scalar) == -2, "largest of 1 / x, ", d, ": ", b.read(largest.scalar));
    check_reductions(b, d, std::vector<T>(d.size(), T(-0.5)));
  }
}

/// A NaN reaches each fold over its element and no other.
template <class B> void reduce_keeps_nan(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    if (d.size() > 3000) continue;
    for (std::size_t where : sizes{0, d.size() / 3, d.size() / 2, d.size() - 1}) {
      auto xs = integers<T>(d.size(), 1);
      xs[where] = nan<T>;
      check_reductions(b, d, xs);
    }
    check_reductions(b, d, std::vector<T>(d.size(), -infinity<T>));
  }
}

/// A reduction of no elements gives the fold's identity.
template <class B> void reduce_of_nothing_is_the_identity(B const& b) {
  for (auto const& d : empty_domains()) check_reductions(b, d, std::vector<typename B::value_type>{});
}

}  // namespace fovea::testing::laws
