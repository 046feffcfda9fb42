// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fovea/testing/laws/for_each.hpp>
#include <fovea/testing/laws/reduce.hpp>

namespace fovea::testing::laws {

namespace formulas {
template <class T> struct exp_less {
  T largest;
  template <class X> FOVEA_HD constexpr void operator()(X& to, X const& x) const {
    to = fovea::math::exp(x - X(largest));
  }
};
template <class T> struct times {
  T factor;
  template <class X> FOVEA_HD constexpr void operator()(X& x) const { x = x * X(factor); }
};
struct softmax {
  template <class Row, class X, class Y> FOVEA_HD void operator()(Row const& row, X const& x, Y const& y) const {
    auto const largest = row.maximum(itself{}, x);
    row.for_each(exp_less<decltype(largest)>{largest}, y, x);
    auto const sum = row.sum(itself{}, y);
    row.for_each(times<std::remove_const_t<decltype(sum)>>{1 / sum}, y);
  }
};
struct add {
  template <class... X> FOVEA_HD constexpr auto operator()(X const&... x) const { return (x + ...); }
};
template <class T> struct plus_number {
  T number;
  template <class X> FOVEA_HD constexpr void operator()(X& to, X const& x, X const& column, X const& row) const {
    to = x + column + row + X(number);
  }
};
struct row_with_operands {
  template <class Row, class X, class Y, class C, class R>
  FOVEA_HD void operator()(Row const& row, X const& x, Y const& y, C const& column, R const& of_row) const {
    auto const sum = row.sum(add{}, x, column, of_row);
    row.for_each(plus_number<std::remove_const_t<decltype(sum)>>{sum}, y, x, column, of_row);
  }
};
struct times_column {
  template <class X> FOVEA_HD constexpr X operator()(X const& x, X const& column) const { return x * column; }
};
/// Returns and stores `numbers[row]` times the sum of each element times its column index.
template <class T> struct row_moment {
  std::int32_t const* numbers;
  T* moments;
  template <class Row> FOVEA_HD auto operator()(Row const& row, fovea::each<T const> x) const {
    auto const moment = row.sum(times_column{}, x, fovea::column_index<T>{}) * row.template load<T>(numbers);
    row.store(moments, moment);
    return moment;
  }
};
}  // namespace formulas

/// `for_each_row` passes each row once, with the verbs `sum`, `maximum` and `for_each`; checked by a softmax.
template <class B> void rows_have_sum_and_maximum(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto const xs = reals<T>(d.size(), 1, -5, 5);
    buffer<B, T> const x(b, xs);
    buffer<B, T> y(b, std::vector<T>(d.size(), nan<T>));
    b.for_each_row(d, formulas::softmax{}, fovea::each{x.read()}, fovea::each{y.data()});
    auto const got = y.get();
    auto const columns = d.extent(1);
    // errors of exp (2 units in the last place), a difference of up to 10, a sum, a division and a product
    auto const bound = static_cast<long double>(20 + std::min<std::size_t>(columns, 512)) * 2 * rounding<T>;
    for (std::size_t r = 0; r != d.extent(0); ++r) {
      auto const row = xs.begin() + static_cast<std::ptrdiff_t>(r * columns);
      long double const largest = *std::max_element(row, row + static_cast<std::ptrdiff_t>(columns));
      long double sum = 0;
      for (std::size_t c = 0; c != columns; ++c) sum += std::exp(xs[r * columns + c] - largest);
      for (std::size_t c = 0; c != columns; ++c) {
        auto const want = std::exp(xs[r * columns + c] - largest) / sum;
        hold(std::abs(got[r * columns + c] - want) <= bound * want, "softmax, ", d, ", row ", r, ", column ", c, ": ",
             got[r * columns + c], " instead of ", want);
      }
    }
  }
}

/// A row's verbs take the operands of the whole domain and read the elements of their row.
template <class B> void rows_read_every_kind_of_operand(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto const xs = integers<T>(d.size(), 1), columns = integers<T>(d.extent(1), 2), rows = integers<T>(d.extent(0), 3);
    buffer<B, T> const x(b, xs), column(b, columns), row(b, rows);
    buffer<B, T> y(b, std::vector<T>(d.size(), nan<T>));
    b.for_each_row(d, formulas::row_with_operands{}, fovea::each{x.read()}, fovea::out{y.data()},
                   fovea::per_column{column.read()}, fovea::per_row{row.read()});
    folds<T> const of_x(d, xs), of_columns(domain<>({1, d.extent(1)}), columns);
    compare("a row's sum and operands", d, y.get(), [&](auto r, auto c) {
      auto const sum = static_cast<T>(of_x.rows[r].sum + of_columns.all.sum) + rows[r] * static_cast<T>(d.extent(1));
      return xs[r * d.extent(1) + c] + columns[c] + rows[r] + sum;
    });
  }
}

/// `reduce_rows` folds what the formula returns for each row; `column_index`, `load` and `store` work in the formula.
template <class B> void rows_are_folded(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    if (d.extent(1) > 70) continue;  // sums over wider rows are not exact in float
    auto const xs = integers<T>(d.size(), 1);
    std::vector<std::int32_t> numbers(d.extent(0));
    for (std::size_t r = 0; r != numbers.size(); ++r) numbers[r] = static_cast<std::int32_t>(r % 5) - 2;
    buffer<B, T> const x(b, xs);
    buffer<B, std::int32_t> const of_rows(b, numbers);
    buffer<B, T> moments(b, std::vector<T>(d.extent(0), nan<T>));
    auto sum = fovea::make_scalar<double>(b);
    b.reduce_rows(d, formulas::row_moment<T>{of_rows.read(), moments.data()}, fovea::overall{sum.data()},
                  fovea::each{x.read()});
    auto const got = moments.get();
    double all = 0;
    for (std::size_t r = 0; r != d.extent(0); ++r) {
      double want = 0;
      for (std::size_t c = 0; c != d.extent(1); ++c)
        want += static_cast<double>(xs[r * d.extent(1) + c]) * static_cast<double>(c) * numbers[r];
      hold(same<double>(got[r], want), "a row's moment, ", d, ", row ", r, ": ", got[r], " instead of ", want);
      all += want;
    }
    hold(same(b.read(sum), all), "the sum of rows' moments, ", d, ": ", b.read(sum), " instead of ", all);
  }
}

/// A NaN affects the results of its own row and of no other; domains without rows or columns are valid.
template <class B> void rows_keep_nan_to_themselves(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    if (d.size() > 3000) continue;
    auto xs = reals<T>(d.size(), 1);
    auto const sick = d.extent(0) / 2;
    xs[sick * d.extent(1) + d.extent(1) / 2] = nan<T>;
    buffer<B, T> const x(b, xs);
    buffer<B, T> y(b, std::vector<T>(d.size(), T(-1)));
    b.for_each_row(d, formulas::softmax{}, fovea::each{x.read()}, fovea::each{y.data()});
    auto const got = y.get();
    for (std::size_t i = 0; i != got.size(); ++i)
      hold((got[i] != got[i]) == (i / d.extent(1) == sick), "softmax with a NaN in row ", sick, ", ", d, ", element ",
           i, ": ", got[i]);
  }
  for (auto const& d : empty_domains()) {
    buffer<B, T> x(b, {});
    b.for_each_row(d, formulas::softmax{}, fovea::each{x.read()}, fovea::each{x.data()});
    x.get();
  }
}

}  // namespace fovea::testing::laws
