// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <exception>
#include <thread>
#include <type_traits>

#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/optimizer.hpp>

#include <fovea/testing/laws/indices.hpp>
#include <fovea/testing/laws/products.hpp>
#include <fovea/testing/laws/reduce.hpp>
#include <fovea/testing/laws/rows.hpp>

namespace fovea::testing::laws {

namespace formulas {
/// Contains products that are constant along a row: a compiler may hoist them out of one loop and not out of another.
struct hoistable {
  template <class T>
  FOVEA_HD constexpr void operator()(T& to, T const& x, T const& column, T const& row, T const& number) const {
    to = fovea::math::tanh(x * column + row * number) + number * number + row * row;
  }
};
}  // namespace formulas

/// All results of a run, as a list; `==` compares their bits.
template <class T> class record {
 public:
  template <class B, class U> void take(buffer<B, U> const& b) {
    for (U x : b.get()) numbers_.push_back(static_cast<double>(x));
  }
  void take(double x) { numbers_.push_back(x); }
  friend bool operator==(record const& a, record const& b) {
    return std::equal(
        a.numbers_.begin(), a.numbers_.end(), b.numbers_.begin(), b.numbers_.end(),
        [](double x, double y) { return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y); });
  }

 private:
  std::vector<double> numbers_;
};

/// Returns the results of the verbs over d, except `multiply`, on random numbers of this seed.
template <class B> auto results_of(B const& b, domain<> const& d, std::uint64_t seed) {
  using T = typename B::value_type;
  record<T> all;
  buffer<B, T> const x(b, reals<T>(d.size(), seed)), column(b, reals<T>(d.extent(1), seed + 1)),
      row(b, reals<T>(d.extent(0), seed + 2)), number(b, reals<T>(1, seed + 3));
  buffer<B, T> y(b, std::vector<T>(d.size())), twice(b, std::vector<T>(d.size()));
  b.for_each(d, formulas::hoistable{}, fovea::out{y.data()}, fovea::each{x.read()}, fovea::per_column{column.read()},
             fovea::per_row{row.read()}, fovea::broadcast{number.read()});
  all.take(y);
  overall_result<B, plus> sum(b, d), flat(b, d);
  overall_result<B, maximum> largest(b, d);
  by_column_result<B, plus> down(b, d);
  by_column_result<B, maximum> largest_down(b, d);
  by_row_result<B, plus> along(b, d);
  by_row_result<B, maximum> largest_along(b, d);
  b.reduce(d, formulas::six_terms{},
           std::tuple{sum.into(), down.into(), along.into(), largest_down.into(), largest.into(), largest_along.into()},
           fovea::each{x.read()}, fovea::out{twice.data()}, fovea::per_column{column.read()});
  b.reduce(d, formulas::itself{}, std::tuple{flat.into()}, fovea::each{y.read()});
  all.take(b.read(sum.scalar)), all.take(b.read(largest.scalar)), all.take(b.read(flat.scalar));
  all.take(down.destination), all.take(largest_down.destination), all.take(along.destination),
      all.take(largest_along.destination), all.take(twice);
  b.for_each_row(d, formulas::softmax{}, fovea::each{x.read()}, fovea::each{y.data()});
  all.take(y);
  b.for_each_index(d.size(), formulas::count_visit<T>{y.data()});
  all.take(y);
  return all;
}
/// Returns the product of random matrices, with bias and ReLU as the epilogue.
template <class B> auto products_of(B const& b, product_case const& p) {
  using T = typename B::value_type;
  record<T> all;
  factors<T> const f(p);
  buffer<B, T> const left(b, f.a), right(b, f.b), bias(b, reals<T>(p.columns, 4));
  buffer<B, T> c(b, f.c);
  multiply(b, p, c.data(), left.read(), right.read(), formulas::bias_and_relu{}, fovea::per_column{bias.read()});
  all.take(c);
  return all;
}

inline std::vector<domain<>> domains_of_several_chunks() {
  return {domain<>({1, 1}),     domain<>({128, 29}),   domain<>({1000, 8}),   domain<>({70000, 3}),
          domain<>({3, 70000}), domain<>({200000, 1}), domain<>({1000, 129}), domain<>({130, 1030})};
}
inline std::vector<product_case> products_of_several_chunks() {
  return {{1, 1, 1, false, true},
          {128, 29, 16, false, true},
          {16, 128, 29, true, false, {.accumulate = true}},
          {5000, 30, 64, false, true},
          {300, 200, 150, false, true},
          {300, 200, 150, true, true, {.scale = 0.1, .accumulate = true}},
          {2000, 64, 40, false, false},
          {33, 5000, 64, true, false}};
}

/// Two backends, or two runs of one backend, give the same bits.
template <class B> void same_bits(B const& a, B const& b, char const* what) {
  for (auto const& d : domains_of_several_chunks()) hold(results_of(a, d, 1) == results_of(b, d, 1), what, ", ", d);
  for (auto const& p : products_of_several_chunks())
    hold(products_of(a, p) == products_of(b, p), what, ", product ", p);
}

/// Every run gives the same bits, also on a copy of the backend.
template <class B> void runs_give_the_same_bits(B const& b) {
  same_bits(b, b, "two runs");
  same_bits(b, B(b), "a copy of the backend");
}

/// Several threads may use one backend at once; the results do not change.
template <class B> void threads_share_a_backend(B const& b) {
  std::vector<domain<>> const of{domain<>({300, 129}), domain<>({70000, 1}), domain<>({5000, 8}), domain<>({40, 1030})};
  product_case const p{500, 40, 64, false, true};
  using T = typename B::value_type;
  std::vector<record<T>> alone, together(of.size()), products(of.size());
  std::vector<std::exception_ptr> thrown(of.size());
  for (auto const& d : of) alone.push_back(results_of(b, d, 1));
  auto const product_alone = products_of(b, p);
  std::vector<std::thread> users;
  for (std::size_t i = 0; i != of.size(); ++i)
    users.emplace_back([&, i] {
      try {
        for (int again = 0; again != 3; ++again) together[i] = results_of(b, of[i], 1), products[i] = products_of(b, p);
      } catch (...) {
        thrown[i] = std::current_exception();
      }
    });
  for (auto& user : users) user.join();
  for (auto const& e : thrown)
    if (e) std::rethrow_exception(e);
  for (std::size_t i = 0; i != of.size(); ++i)
    hold(together[i] == alone[i] && products[i] == product_alone, "several threads on one backend, ", of[i]);
}

/// True if `part` equals the elements of `whole` from `begin` on; a NaN equals a NaN.
template <class T> bool agrees(std::vector<T> const& part, std::vector<T> const& whole, std::size_t begin) {
  return std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin), same<T>);
}

/// The value, gradient and Hessian of a loss at an element do not depend on its place or on the number of elements.
template <class B> void losses_do_not_depend_on_the_place(B const& b) {
  using T = typename B::value_type;
  std::size_t const count = 130;
  using span = fovea::vector_span<B, T>;
  auto zs = reals<T>(count, 1, -20, 20), ys = drawn<T>(count, 2, [](auto random) { return random % 2; });
  for (std::size_t i = 0; i < count; i += 11) ys[i] = T(0.3);  // soft targets take another branch of the formula
  buffer<B, T> z(b, zs), y(b, ys);
  auto const run = [&](auto const& loss, std::size_t begin, std::size_t n) {
    buffer<B, T> gradient(b, std::vector<T>(n)), hessian(b, std::vector<T>(n));
    auto const view = [n](T* at) { return span{at, fovea::extents<fovea::dynamic>({n})}; };
    fovea::value_gradient_and_hessian(b, loss, view(z.data() + begin), view(y.data() + begin), view(gradient.data()),
                                      view(hessian.data()), fovea::reduction::sum);
    auto const values = fovea::values(b, loss, view(z.data() + begin), view(y.data() + begin));
    std::vector<T> value(n);
    fovea::copy(values, value);
    return std::array{value, gradient.get(), hessian.get()};
  };
  for (auto const& loss : {fovea::sigmoid_focal_loss{}, fovea::sigmoid_focal_loss{.gamma = 1.5, .alpha = 0.25}}) {
    auto const whole = run(loss, 0, count);
    for (std::size_t begin = 0; begin != 20; ++begin)
      for (std::size_t n = 1; n != 70; ++n) {
        auto const part = run(loss, begin, n);
        for (std::size_t i = 0; i != 3; ++i)
          hold(agrees(part[i], whole[i], begin),
               i == 0   ? "values"
               : i == 1 ? "gradient"
                        : "Hessian",
               " of the focal loss, gamma ", loss.gamma, ": ", n, " elements from ", begin);
      }
  }
}

/// The update of a parameter does not depend on its place or on the number of parameters.
template <class B> void updates_do_not_depend_on_the_place(B const& b) {
  using T = typename B::value_type;
  std::size_t const count = 130;
  fovea::adam const rule{};
  using coefficients = fovea::adam::coefficients;
  buffer<B, coefficients> const deferred(b, std::vector<coefficients>(1, rule.coefficients_at(3)), 0);
  auto const ps = reals<T>(count, 1), gs = reals<T>(count, 2), ms = reals<T>(count, 3), vs = reals<T>(count, 4, 0, 1);
  buffer<B, T> const g(b, gs);
  auto const run = [&](std::size_t begin, std::size_t n) {
    buffer<B, T> p(b, ps), m(b, ms), v(b, vs);
    b.for_each(domain<>({1, n}), fovea::optimizer_step<fovea::adam>{rule}, fovea::each{p.data() + begin},
               fovea::broadcast{deferred.read()}, fovea::each{g.read() + begin}, fovea::each{m.data() + begin},
               fovea::each{v.data() + begin});
    auto all = p.get();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(begin));
    all.resize(n);
    return all;
  };
  auto const whole = run(0, count);
  for (std::size_t begin = 0; begin != 20; ++begin)
    for (std::size_t n = 1; n != 70; ++n)
      hold(agrees(run(begin, n), whole, begin), "adam's step of ", n, " parameters from ", begin);
}

/// The result of `for_each` in a row does not depend on the row's place or on the number of rows, also with operands for
/// rows and columns.
template <class B> void formulas_do_not_depend_on_the_place(B const& b) {
  using T = typename B::value_type;
  std::size_t const count = 40;
  buffer<B, T> const number(b, reals<T>(1, 4));
  for (std::size_t columns : sizes{1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 29, 31, 32, 33, 64, 100, 129}) {
    buffer<B, T> const x(b, reals<T>(count * columns, 1)), column(b, reals<T>(columns, 2)), row(b, reals<T>(count, 3));
    auto const run = [&](std::size_t begin, std::size_t rows) {
      buffer<B, T> to(b, std::vector<T>(rows * columns));
      b.for_each(domain<>({rows, columns}), formulas::hoistable{}, fovea::out{to.data()},
                 fovea::each{x.read() + begin * columns}, fovea::per_column{column.read()},
                 fovea::per_row{row.read() + begin}, fovea::broadcast{number.read()});
      return to.get();
    };
    auto const whole = run(0, count);
    for (std::size_t begin = 0; begin != 17; ++begin)
      for (std::size_t rows : sizes{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20})
        hold(agrees(run(begin, rows), whole, begin * columns), rows, " rows of ", columns, " from row ", begin);
  }
}

/// A row of x * transposed(w) or of dy * w does not depend on the row's place or on the number of rows.
template <class B>
void products_do_not_depend_on_the_place(B const& b, std::vector<std::size_t> const& inners,
                                         std::vector<std::size_t> const& widths, sizes const& begins,
                                         sizes const& heights) {
  using T = typename B::value_type;
  std::size_t const count = 53;
  for (std::size_t inner : inners)
    for (std::size_t columns : widths) {
      buffer<B, T> const x(b, reals<T>(count * inner, 1)), w(b, reals<T>(inner * columns, 2)),
          bias(b, reals<T>(columns, 3));
      auto const before = reals<T>(count * columns, 4);
      auto const run = [&](std::size_t begin, product_case p) {
        auto const from = before.begin() + static_cast<std::ptrdiff_t>(begin * columns);
        buffer<B, T> c(b, std::vector<T>(from, from + static_cast<std::ptrdiff_t>(p.rows * columns)));
        multiply(b, p, c.data(), x.read() + begin * inner, w.read(), formulas::bias_and_relu{},
                 fovea::per_column{bias.read()});
        return c.get();
      };
      bool const odd = (inner + columns) % 2 != 0;
      product_case p{
          count, inner, columns, false, (inner + columns / 2) % 3 != 0, {.scale = odd ? 0.7 : 1, .accumulate = odd}};
      auto const whole = run(0, p);
      for (std::size_t begin : begins)
        for (std::size_t rows : heights) {
          p.rows = rows;
          hold(agrees(run(begin, p), whole, begin * columns), "product ", p, " from row ", begin);
        }
    }
}
template <class B> void products_do_not_depend_on_the_place(B const& b) {
  std::vector<std::size_t> to_33;
  for (std::size_t n = 1; n != 34; ++n) to_33.push_back(n);
  sizes const begins{0, 1, 2, 3, 5, 8, 16, 21}, heights{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32};
  products_do_not_depend_on_the_place(b, to_33, to_33, begins, heights);
  products_do_not_depend_on_the_place(b, {1, 17, 40, 63, 64, 100, 128, 255, 256},
                                      {1, 8, 15, 34, 40, 47, 48, 49, 63, 64}, begins, heights);
}
/// The same law for wide products, of which a backend that leaves them to a BLAS is exempt.
template <class B> void wide_products_do_not_depend_on_the_place(B const& b) {
  if constexpr (requires { b.products_by_blas(); })
    if (b.products_by_blas()) throw declined_law("a BLAS computes wide products");
  products_do_not_depend_on_the_place(b, {29, 300, 800}, {65, 128, 300, 1024}, {0, 5, 21}, {1, 7, 32});
}

}  // namespace fovea::testing::laws
