// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <fovea/testing/laws/support.hpp>

namespace fovea::testing::laws {

struct line {
  float slope, shift;
};

namespace formulas {
struct add_one {
  template <class T> FOVEA_HD constexpr void operator()(T& x) const { x = x + T(1); }
};
struct store {
  template <class T> FOVEA_HD constexpr void operator()(T& to, T const& x) const { to = x; }
};
struct combine {
  template <class T>
  FOVEA_HD constexpr void operator()(T& to, T const& x, T const& column, T const& row, T const& number,
                                     line const& l) const {
    to = x + T(2) * column + T(4) * row + T(8) * number + T(l.slope) * x + T(l.shift);
  }
};
struct add_all {
  template <class T, class... X> FOVEA_HD constexpr void operator()(T& to, X const&... x) const { to = (x + ...); }
};
struct exchange {
  template <class T> FOVEA_HD constexpr void operator()(T& a, T const& c, T& b, T& sum) const {
    sum = a + b;
    T const old = a;
    a = b + c;
    b = old;
  }
};
}  // namespace formulas

/// `for_each` calls f exactly once for each place of the domain.
template <class B> void for_each_visits_each_place_once(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains())
    for (std::size_t offset : sizes{0, 1}) {
      auto const before = integers<T>(d.size(), 1);
      buffer<B, T> x(b, before, offset);
      b.for_each(d, formulas::add_one{}, fovea::each{x.data()});
      compare("x + 1 in place", d, x.get(),
              [&](std::size_t r, std::size_t c) { return before[r * d.extent(1) + c] + T(1); });
    }
  for (auto const& d : empty_domains()) {
    buffer<B, T> x(b, {});
    b.for_each(d, formulas::add_one{}, fovea::each{x.data()});
    x.get();
  }
}

/// `for_each` reads the right element of each kind of operand.
template <class B> void for_each_reads_every_kind_of_operand(B const& b) {
  using T = typename B::value_type;
  buffer<B, T> const number(b, {T(3)});
  buffer<B, line> const straight(b, {line{2, -5}}, 0);
  for (auto const& d : domains()) {
    auto const xs = integers<T>(d.size(), 1), columns = integers<T>(d.extent(1), 2), rows = integers<T>(d.extent(0), 3);
    buffer<B, T> const x(b, xs), column(b, columns), row(b, rows);
    buffer<B, T> to(b, std::vector<T>(d.size(), nan<T>));
    auto const run = [&](char const* what, auto const& f, auto const& expected, auto... operands) {
      b.for_each(d, f, fovea::out{to.data()}, operands...);
      compare(what, d, to.get(), expected);
    };
    using namespace fovea;
    auto const at = [&](std::size_t r, std::size_t c) { return xs[r * d.extent(1) + c]; };
    run(
        "all kinds", formulas::combine{},
        [&](auto r, auto c) { return at(r, c) + 2 * columns[c] + 4 * rows[r] + 24 + 2 * at(r, c) - 5; }, each{x.read()},
        per_column{column.read()}, per_row{row.read()}, broadcast{number.read()}, broadcast{straight.read()});
    run(
        "per_column", formulas::add_all{}, [&](auto r, auto c) { return at(r, c) + columns[c]; }, each{x.read()},
        per_column{column.read()});
    run(
        "per_row", formulas::add_all{}, [&](auto r, auto c) { return at(r, c) + rows[r]; }, each{x.read()},
        per_row{row.read()});
    run(
        "broadcast", formulas::add_all{}, [&](auto r, auto c) { return at(r, c) + 3; }, each{x.read()},
        broadcast{number.read()});
    run(
        "per_column alone", formulas::store{}, [&](auto, auto c) { return columns[c]; }, per_column{column.read()});
    run(
        "per_row alone", formulas::store{}, [&](auto r, auto) { return rows[r]; }, per_row{row.read()});
  }
}

/// `for_each` converts operands of other types to the type in which it computes.
template <class B> void for_each_converts_other_types(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto const xs = integers<T>(d.size(), 1);
    auto const wholes = integers<int>(d.size(), 2), columns = integers<int>(d.extent(1), 3),
               rows = integers<int>(d.extent(0), 4);
    auto const flags = drawn<unsigned char>(d.size(), 5, [](auto random) { return random % 2; });
    buffer<B, T> const x(b, xs);
    buffer<B, int> const whole(b, wholes), column(b, columns), row(b, rows);
    buffer<B, unsigned char> const flag(b, flags);
    buffer<B, T> to(b, std::vector<T>(d.size(), nan<T>));
    using namespace fovea;
    b.for_each(d, formulas::add_all{}, out{to.data()}, each{x.read()}, each{whole.read()}, each{flag.read()},
               per_column{column.read()}, per_row{row.read()});
    compare("operands of other types", d, to.get(), [&](auto r, auto c) {
      auto const i = r * d.extent(1) + c;
      return static_cast<int>(xs[i]) + wholes[i] + flags[i] + columns[c] + rows[r];
    });
    if constexpr (std::same_as<typename B::memory, host_memory>) {
      std::unique_ptr<bool[]> const bools(new bool[d.size() + 1]);
      for (std::size_t i = 0; i != d.size(); ++i) bools[i + 1] = flags[i] != 0;
      b.for_each(d, formulas::add_all{}, out{to.data()}, each{x.read()}, each<bool const>{bools.get() + 1});
      compare("bools", d, to.get(),
              [&](auto r, auto c) { return xs[r * d.extent(1) + c] + T(flags[r * d.extent(1) + c]); });
    }
  }
}

/// A formula may write several operands, in any position.
template <class B> void for_each_writes_several(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto const xs = integers<T>(d.size(), 1), ys = integers<T>(d.size(), 2), columns = integers<T>(d.extent(1), 3);
    buffer<B, T> x(b, xs), y(b, ys, 2), sum(b, std::vector<T>(d.size(), nan<T>), 3);
    buffer<B, T> const column(b, columns);
    b.for_each(d, formulas::exchange{}, fovea::each{x.data()}, fovea::per_column{column.read()}, fovea::each{y.data()},
               fovea::out{sum.data()});
    auto const i = [&](auto r, auto c) { return r * d.extent(1) + c; };
    compare("first written", d, x.get(), [&](auto r, auto c) { return ys[i(r, c)] + columns[c]; });
    compare("second written", d, y.get(), xs);
    compare("third written", d, sum.get(), [&](auto r, auto c) { return xs[i(r, c)] + ys[i(r, c)]; });
  }
}

/// Operands that are read may share memory with an operand that is written, place by place.
template <class B> void for_each_works_in_place(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto const xs = integers<T>(d.size(), 1), rows = integers<T>(d.extent(0), 2);
    buffer<B, T> x(b, xs);
    buffer<B, T> const row(b, rows);
    b.for_each(d, formulas::add_all{}, fovea::out{x.data()}, fovea::each{x.read()}, fovea::each{x.read()},
               fovea::per_row{row.read()});
    compare("x = x + x + row", d, x.get(), [&](auto r, auto c) { return 2 * xs[r * d.extent(1) + c] + rows[r]; });
  }
}

/// NaN and infinity propagate to the result at their own place and to no other.
template <class B> void for_each_keeps_what_is_not_finite(B const& b) {
  using T = typename B::value_type;
  for (auto const& d : domains()) {
    auto xs = integers<T>(d.size(), 1);
    for (std::size_t i = 0; i != d.size(); ++i)
      if (bits(i, 2) % 5 == 0) xs[i] = bits(i, 3) % 3 == 0 ? nan<T> : bits(i, 3) % 3 == 1 ? infinity<T> : -infinity<T>;
    buffer<B, T> x(b, xs);
    b.for_each(d, formulas::add_one{}, fovea::each{x.data()});
    compare("x + 1 of NaN and infinity", d, x.get(), [&](auto r, auto c) { return xs[r * d.extent(1) + c] + T(1); });
  }
}

/// `for_each` takes domains with static extents.
template <class B> void for_each_takes_static_extents(B const& b) {
  using T = typename B::value_type;
  auto const check = [&]<std::size_t R, std::size_t C>(fovea::extents<R, C> const& fixed) {
    domain<> const d({fixed.template get<0>(), fixed.template get<1>()});
    auto const xs = integers<T>(d.size(), 1), columns = integers<T>(d.extent(1), 2);
    buffer<B, T> to(b, xs);
    buffer<B, T> const column(b, columns), x(b, xs);
    b.for_each(fixed, formulas::add_all{}, fovea::out{to.data()}, fovea::each{x.read()},
               fovea::per_column{column.read()});
    compare("static extents", d, to.get(), [&](auto r, auto c) { return xs[r * d.extent(1) + c] + columns[c]; });
  };
  for (std::size_t n : sizes{0, 1, 5, 128}) {
    check(fovea::extents<fovea::dynamic, 1>({n, 1}));
    check(fovea::extents<fovea::dynamic, 3>({n, 3}));
    check(fovea::extents<fovea::dynamic, 16>({n, 16}));
    check(fovea::extents<1, fovea::dynamic>({1, n}));
    check(fovea::extents<2, fovea::dynamic>({2, n}));
  }
  check(fovea::extents<3, 29>{});
  check(fovea::extents<1, 1>{});
  check(fovea::extents<17, 33>{});
}

}  // namespace fovea::testing::laws
