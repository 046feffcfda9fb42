// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include <fovea/tensor/multiply_batch.hpp>
#include <fovea/tensor/product_options.hpp>

#include <fovea/testing/laws/support.hpp>

namespace fovea::testing::laws {

namespace formulas {
struct bias_and_relu {
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& bias) const {
    x = (fovea::math::max)(x + bias, T(0));
  }
};
struct of_everything {
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& column, T const& row, T const& other) const {
    x = x + column + row + other;
  }
};
}  // namespace formulas

/// A product c = a b: its sizes, whether each factor is the transpose of the stored matrix, and the options.
struct product_case {
  std::size_t rows, inner, columns;
  bool a_transposed = false, b_transposed = false;
  fovea::product_options options = {};
};
inline std::ostream& operator<<(std::ostream& to, product_case const& p) {
  return to << p.rows << " x " << p.inner << " x " << p.columns << (p.a_transposed ? ", a transposed" : "")
            << (p.b_transposed ? ", b transposed" : "") << ", scale " << p.options.scale
            << (p.options.accumulate ? ", added" : "");
}

/// Random factors, as stored, and the initial elements of c: NaN unless the product accumulates.
template <class T> struct factors {
  std::vector<T> a, b, c;
  explicit factors(product_case const& p)
      : a(reals<T>(p.rows * p.inner, 1)), b(reals<T>(p.inner * p.columns, 2)),
        c(p.options.accumulate ? reals<T>(p.rows * p.columns, 3) : std::vector<T>(p.rows * p.columns, nan<T>)) {}
};

/// An entry of c in long double, and the sum of the magnitudes of its terms.
struct exact_entry {
  long double value = 0, magnitude = 0;
};
template <class T> std::vector<exact_entry> exact_product(product_case const& p, factors<T> const& f) {
  std::vector<exact_entry> c(p.rows * p.columns);
  for (std::size_t i = 0; i != p.rows; ++i)
    for (std::size_t k = 0; k != p.inner; ++k) {
      long double const left = static_cast<T>(p.options.scale) *
                               static_cast<long double>(f.a[p.a_transposed ? k * p.rows + i : i * p.inner + k]);
      for (std::size_t j = 0; j != p.columns; ++j) {
        auto const term = left * f.b[p.b_transposed ? j * p.inner + k : k * p.columns + j];
        c[i * p.columns + j].value += term;
        c[i * p.columns + j].magnitude += std::abs(term);
      }
    }
  for (std::size_t i = 0; p.options.accumulate && i != c.size(); ++i)
    c[i].value += f.c[i], c[i].magnitude += std::abs(f.c[i]);
  return c;
}

template <class B, class T, std::size_t R = fovea::dynamic, std::size_t C = fovea::dynamic>
fovea::matrix_span<B, T, R, C> matrix(T* at, std::size_t rows, std::size_t columns) {
  return {at, fovea::extents<R, C>({rows, columns})};
}

/// Calls the backend's `multiply` for c (M, N), a (M, K) and b (K, N), each extent static or `dynamic`. A transposed factor
/// is stored as (K, M) or (N, K) and passed through `transposed`.
template <bool ATransposed, bool BTransposed, std::size_t M, std::size_t K, std::size_t N, class B, class T,
          class... Rest>
void multiply(B const& backend, product_case const& p, T* c, T const* a, T const* b, Rest const&... rest) {
  auto const to = matrix<B, T, M, N>(c, p.rows, p.columns);
  auto const left = [&] {
    if constexpr (ATransposed) return fovea::transposed(matrix<B, T const, K, M>(a, p.inner, p.rows));
    else return matrix<B, T const, M, K>(a, p.rows, p.inner);
  }();
  auto const right = [&] {
    if constexpr (BTransposed) return fovea::transposed(matrix<B, T const, N, K>(b, p.columns, p.inner));
    else return matrix<B, T const, K, N>(b, p.inner, p.columns);
  }();
  backend.multiply(to, left, right, p.options, rest...);
}
/// Calls f(c, a, b) with matrices of dynamic extents and the transposes of p.
template <class B, class T, class F>
void with_spans(product_case const& p, T* c, T const* a, T const* b, B const&, F const& f) {
  auto const left = matrix<B, T const>(a, p.a_transposed ? p.inner : p.rows, p.a_transposed ? p.rows : p.inner),
             right = matrix<B, T const>(b, p.b_transposed ? p.columns : p.inner, p.b_transposed ? p.inner : p.columns);
  auto const to = matrix<B, T>(c, p.rows, p.columns);
  if (p.a_transposed && p.b_transposed) f(to, fovea::transposed(left), fovea::transposed(right));
  else if (p.a_transposed) f(to, fovea::transposed(left), right);
  else if (p.b_transposed) f(to, left, fovea::transposed(right));
  else f(to, left, right);
}
/// Calls the backend's `multiply` with such matrices.
template <class B, class T, class... Rest>
void multiply(B const& backend, product_case const& p, T* c, T const* a, T const* b, Rest const&... rest) {
  with_spans(p, c, a, b, backend, [&](auto const& to, auto const& left, auto const& right) {
    backend.multiply(to, left, right, p.options, rest...);
  });
}

/// Throws `broken_law` unless every entry is within inner + 3 roundings of its terms' magnitudes (and 1 %). `then(value, row,
/// column)` returns the entry after the epilogue and the magnitude that the epilogue adds.
template <class T, class Then>
void check_product(char const* what, product_case const& p, std::vector<T> const& got,
                   std::vector<exact_entry> const& exact, Then const& then) {
  auto const bound = 1.01L * static_cast<long double>(p.inner + 3) * rounding<T>;
  for (std::size_t i = 0; i != got.size(); ++i) {
    auto const [want, more] = then(exact[i].value, i / p.columns, i % p.columns);
    hold(std::abs(got[i] - want) <= bound * (exact[i].magnitude + more), what, ", ", p, ", row ", i / p.columns,
         ", column ", i % p.columns, ": ", got[i], " instead of ", want);
  }
}

/// The calls to check: a product without an epilogue, and one with a bias for each column and ReLU as the epilogue.
template <class T> struct product_calls {
  std::function<void(T* c, T const* a, T const* b)> plain;
  std::function<void(T* c, T const* a, T const* b, T const* bias)> activated;
};
/// Checks both calls against the exact product of random matrices of p's sizes.
template <class B>
void check_product(B const& backend, product_case const& p, product_calls<typename B::value_type> const& calls) {
  using T = typename B::value_type;
  factors<T> const f(p);
  auto const exact = exact_product(p, f);
  auto const biases = reals<T>(p.columns, 4);
  buffer<B, T> const a(backend, f.a), b(backend, f.b), bias(backend, biases);
  buffer<B, T> c(backend, f.c);
  calls.plain(c.data(), a.read(), b.read());
  check_product("product", p, c.get(), exact, [](auto value, auto, auto) { return std::pair{value, 0.0L}; });

  buffer<B, T> activated(backend, f.c);
  calls.activated(activated.data(), a.read(), b.read(), bias.read());
  check_product("product, bias and relu", p, activated.get(), exact, [&](auto value, auto, auto column) {
    long double const of_column = biases[column];
    return std::pair{(std::max)(value + of_column, 0.0L), 2 * std::abs(of_column)};
  });
}
template <class B> void check_product(B const& backend, product_case const& p) {
  using T = typename B::value_type;
  check_product(backend, p,
                {[&](T* c, T const* a, T const* b) { multiply(backend, p, c, a, b); },
                 [&](T* c, T const* a, T const* b, T const* bias) {
                   multiply(backend, p, c, a, b, formulas::bias_and_relu{}, fovea::per_column{bias});
                 }});
}

/// Returns the 16 cases of these sizes: each combination of transposes, with four different options.
inline std::vector<product_case> of_all_kinds(std::size_t rows, std::size_t inner, std::size_t columns) {
  std::vector<product_case> all;
  for (bool a : {false, true})
    for (bool b : {false, true})
      for (fovea::product_options o :
           {fovea::product_options{}, {.scale = -0.3, .accumulate = true}, {.scale = 2.5}, {.accumulate = true}})
        all.push_back({rows, inner, columns, a, b, o});
  return all;
}

/// Products are right for all few sizes, each with one of the 16 kinds at random, and for a few sizes with every kind.
template <class B> void multiply_multiplies(B const& b) {
  sizes const few{1, 2, 3, 7, 8, 9, 16, 17, 31, 33, 64, 100};
  std::size_t next = 0;
  for (std::size_t m : few)
    for (std::size_t k : few)
      for (std::size_t n : few) check_product(b, of_all_kinds(m, k, n)[bits(next++, 5) % 16]);
  for (auto const& [m, k, n] : {std::array<std::size_t, 3>{1, 1, 1},
                                {3, 2, 5},
                                {17, 29, 16},
                                {128, 29, 16},
                                {16, 128, 29},
                                {33, 300, 9},
                                {65, 257, 33}})
    for (auto const& p : of_all_kinds(m, k, n)) check_product(b, p);
}

/// Products are right for sizes that are left to a BLAS and span several chunks.
template <class B> void multiply_multiplies_large(B const& b) {
  for (auto const& [m, k, n] :
       {std::array<std::size_t, 3>{200, 180, 130}, {67, 301, 65}, {1200, 64, 40}, {300, 70, 530}})
    for (auto const& p : of_all_kinds(m, k, n))
      if (p.options.scale != 2.5) check_product(b, p);
}

/// Products are right for static extents, as in layers: x * transposed(w), transposed(dy) * x, dy * w.
template <class B> void multiply_takes_static_extents(B const& b) {
  using T = typename B::value_type;
  constexpr auto any = fovea::dynamic;
  auto const check = [&]<bool A, bool W, std::size_t M, std::size_t K, std::size_t N>(
                         std::bool_constant<A>, std::bool_constant<W>, fovea::extents<M, K, N>, product_case p) {
    p.a_transposed = A, p.b_transposed = W;
    check_product(b, p,
                  {[&](T* c, T const* a, T const* w) { multiply<A, W, M, K, N>(b, p, c, a, w); },
                   [&](T* c, T const* a, T const* w, T const* bias) {
                     multiply<A, W, M, K, N>(b, p, c, a, w, formulas::bias_and_relu{}, fovea::per_column{bias});
                   }});
  };
  auto const as_in_layers = [&]<std::size_t K, std::size_t N>(fovea::extents<K, N>) {
    std::true_type const transposed;
    std::false_type const stored;
    for (std::size_t m : sizes{1, 2, 7, 8, 33, 128}) {
      check(stored, transposed, fovea::extents<any, K, N>({m, K, N}), {m, K, N});
      check(stored, stored, fovea::extents<any, K, N>({m, K, N}), {m, K, N, false, false, {.scale = 0.5}});
      check(transposed, stored, fovea::extents<K, any, N>({K, m, N}), {K, m, N, false, false, {.accumulate = true}});
    }
  };
  as_in_layers(fovea::extents<1, 1>{});
  as_in_layers(fovea::extents<29, 16>{});
  as_in_layers(fovea::extents<8, 1>{});
  as_in_layers(fovea::extents<3, 17>{});
  as_in_layers(fovea::extents<16, 33>{});
  as_in_layers(fovea::extents<5, 70>{});
  check(std::false_type{}, std::false_type{}, fovea::extents<4, 5, 6>{}, {4, 5, 6});
}

/// An epilogue takes operands of every kind, over c's rows and columns.
template <class B> void epilogues_take_every_kind_of_operand(B const& b) {
  using T = typename B::value_type;
  for (std::size_t columns : sizes{1, 3, 8, 17, 33, 100})
    for (std::size_t rows : sizes{1, 5, 16, 40}) {
      product_case const p{rows, 12, columns, false, true};
      factors<T> const f(p);
      auto const of_columns = reals<T>(columns, 4), of_rows = reals<T>(rows, 5), others = reals<T>(rows * columns, 6);
      buffer<B, T> const a(b, f.a), w(b, f.b), column(b, of_columns), row(b, of_rows), other(b, others);
      buffer<B, T> c(b, f.c);
      multiply(b, p, c.data(), a.read(), w.read(), formulas::of_everything{}, fovea::per_column{column.read()},
               fovea::per_row{row.read()}, fovea::each{other.read()});
      check_product("product and operands", p, c.get(), exact_product(p, f), [&](auto value, auto i, auto j) {
        return std::pair{value + of_columns[j] + of_rows[i] + others[i * columns + j], 6.0L};
      });
    }
}

/// A product without rows or columns writes nothing. With an inner extent of 0, each entry is an empty sum, to which the
/// epilogue applies.
template <class B> void multiply_takes_empty_matrices(B const& b) {
  for (auto const& [m, k, n] : {std::array<std::size_t, 3>{0, 3, 4},
                                {3, 4, 0},
                                {0, 0, 0},
                                {0, 4, 0},
                                {3, 0, 4},
                                {1, 0, 1},
                                {40, 0, 33},
                                {40, 0, 100}})
    for (auto const& p : of_all_kinds(m, k, n)) check_product(b, p);
}

/// NaN and infinity in a factor reach the entries computed from them and no others.
template <class B> void multiply_keeps_what_is_not_finite(B const& b) {
  using T = typename B::value_type;
  for (std::size_t columns : sizes{1, 7, 16, 33, 70})
    for (auto p : of_all_kinds(19, 13, columns)) {
      factors<T> f(p);
      f.a[p.a_transposed ? 4 * p.rows + 3 : 3 * p.inner + 4] = nan<T>;
      f.b[p.b_transposed ? (columns / 2) * p.inner + 4 : 4 * columns + columns / 2] = infinity<T>;
      buffer<B, T> const left(b, f.a), right(b, f.b);
      buffer<B, T> c(b, f.c);
      multiply(b, p, c.data(), left.read(), right.read());
      auto const got = c.get();
      for (std::size_t i = 0; i != got.size(); ++i) {
        bool const sick = i / columns == 3 || i % columns == columns / 2;
        hold(std::isfinite(got[i]) != sick, "NaN in row 3, infinity in column ", columns / 2, ", ", p, ", row ",
             i / columns, ", column ", i % columns, ": ", got[i]);
      }
    }
}

/// Each product of a batch is what `multiply` makes of its matrices, with the same bits unless a BLAS computes it; what lies
/// between the results stays.
template <class B> void batches_are_products(B const& b) {
  using T = typename B::value_type;
  bool by_blas = false;
  if constexpr (requires { b.products_by_blas(); }) by_blas = b.products_by_blas();
  std::size_t const gap = 5;
  auto const check = [&](std::size_t count, product_case const& p, bool shares_a, bool shares_b) {
    auto const of_a = p.rows * p.inner, of_b = p.inner * p.columns, of_c = p.rows * p.columns;
    fovea::product_batch const batch{count, of_c + gap, shares_a ? 0 : of_a + gap, shares_b ? 0 : of_b + gap};
    auto const all_a = reals<T>(of_a + count * (of_a + gap), 1), all_b = reals<T>(of_b + count * (of_b + gap), 2),
               before = reals<T>(count * (of_c + gap) + of_c, 3);
    buffer<B, T> const left(b, all_a), right(b, all_b), bias(b, reals<T>(p.columns, 4));
    buffer<B, T> together(b, before), apart(b, before);
    with_spans(p, together.data(), left.read(), right.read(), b, [&](auto const& c, auto const& x, auto const& y) {
      fovea::multiply_batch(b, batch, c, x, y, p.options, formulas::bias_and_relu{}, fovea::per_column{bias.read()});
    });
    for (std::size_t i = 0; i != count; ++i)
      multiply(b, p, apart.data() + i * batch.c_stride, left.read() + i * batch.a_stride,
               right.read() + i * batch.b_stride, formulas::bias_and_relu{}, fovea::per_column{bias.read()});
    auto const got = together.get(), want = apart.get();
    // Factors are at most 2 and scales 2.5: so much do two chains of inner + 2 terms differ at most.
    auto const terms = static_cast<long double>(p.inner + 3), most = by_blas ? 2 * 10 * terms * terms * rounding<T> : 0;
    for (std::size_t i = 0; i != got.size(); ++i)
      hold(std::abs(static_cast<long double>(got[i]) - want[i]) <= most, "batch of ", count, ", ", p, ", element ", i,
           ": ", got[i], " instead of ", want[i]);
  };
  std::size_t next = 0;
  for (auto const& [m, k, n] : {std::array<std::size_t, 3>{1, 1, 1},
                                {5, 7, 9},
                                {3, 0, 4},
                                {0, 3, 4},
                                {17, 64, 33},
                                {40, 30, 70},
                                {130, 100, 90}})
    for (std::size_t count : sizes{0, 1, 2, 21}) {
      check(count, of_all_kinds(m, k, n)[bits(next++, 6) % 16], false, false);
      check(count, of_all_kinds(m, k, n)[bits(next++, 6) % 16], true, false);
      check(count, of_all_kinds(m, k, n)[bits(next++, 6) % 16], false, true);
    }
}

}  // namespace fovea::testing::laws
