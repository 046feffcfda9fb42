// SPDX-License-Identifier: MIT
#include <fovea/losses/evaluate.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>

#include "../catch.hpp"
#include "../scalar/xtensor.hpp"
#include "../tensors.hpp"

using fovea::mask;
using fovea::reduction;
using fovea::sample_weights;
using fovea::sigmoid_binary_cross_entropy;
using fovea::sigmoid_focal_loss;
using fovea::weights;

namespace {

/// A user-defined loss.
struct costly_miss {
  double cost = 10;
  template <fovea::real Z, fovea::real Y> FOVEA_HD constexpr Z operator()(Z z, Y y) const {
    return (Y(1) + fovea::math::constant<Y>(cost - 1) * y) * fovea::math::softplus((Y(1) - Y(2) * y) * z);
  }
};
static_assert(fovea::elementwise_loss<costly_miss>);

double const not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Unordered predictions from -4 to 4, hard and soft targets, and weights, one of which is 0.
constexpr std::size_t rows = 7, columns = 3, count = rows * columns;
template <class T> std::vector<T> predictions() {
  std::vector<T> all(count);
  for (std::size_t i = 0; i != count; ++i) all[i] = T(0.4) * static_cast<T>((i * 8) % count) - T(4);
  return all;
}
template <class T> std::vector<T> targets() {
  std::vector<T> all(count);
  for (std::size_t i = 0; i != count; ++i) all[i] = i % 3 == 0 ? T(1) : i % 3 == 1 ? T(0) : T(0.25);
  return all;
}
template <class T> std::vector<T> element_weights() {
  std::vector<T> all(count);
  for (std::size_t i = 0; i != count; ++i) all[i] = T(0.25) * static_cast<T>(i % 5);
  return all;
}
template <class T> std::vector<T> row_weights() { return {1, 0, T(2.5), 1, T(0.5), 3, 2}; }
std::vector<int> some() {
  std::vector<int> all(count);
  for (std::size_t i = 0; i != count; ++i) all[i] = (i % 4 != 1) * static_cast<int>(1 + i % 2);
  return all;
}

template <class X, class T> X shaped(std::vector<T> const& from, std::vector<std::size_t> const& shape) {
  X x = X::from_shape(shape);
  std::copy(from.begin(), from.end(), x.begin());
  return x;
}
template <class T> auto matrix(std::vector<T> const& from) { return shaped<xt::xtensor<T, 2>>(from, {rows, columns}); }

template <class A, class B> bool same_elements(A const& a, B const& b) {
  auto const x = fovea::elements(a), y = fovea::elements(b);
  return fovea::shape_of(a) == fovea::shape_of(b) && std::equal(x.begin(), x.end(), y.begin(), y.end());
}

/// The expected results, computed element by element in double.
struct plain {
  double value;
  std::vector<double> values, slopes, curvatures;

  template <class L> plain(L const& loss, std::vector<double> const& factors, double divisor) : value(0) {
    auto const z = predictions<double>(), y = targets<double>();
    for (std::size_t i = 0; i != count; ++i) {
      auto const j = fovea::value_slope_and_curvature(loss, z[i], y[i]);
      values.push_back(factors[i] * j.value);
      slopes.push_back(factors[i] / divisor * j.slope);
      curvatures.push_back(factors[i] / divisor * j.curvature);
      value += values.back() / divisor;
    }
  }
};
template <class Found> void check_near(Found const& found, std::vector<double> const& expected, double bound) {
  auto const all = fovea::elements(found);
  REQUIRE(all.size() == expected.size());
  for (std::size_t i = 0; i != all.size(); ++i)
    CHECK(static_cast<double>(all[i]) == Approx(expected[i]).epsilon(bound).margin(bound));
}

/// Checks value, gradient and Hessian of a single call.
template <class L, class Z, class Y, class... O>
auto check_results(plain const& expected, L const& loss, Z const& z, Y const& y, O const&... options) {
  double const bound = 20 * static_cast<double>(std::numeric_limits<fovea::value_of<Z>>::epsilon());
  auto h = fovea::value_gradient_and_hessian(loss, z, y, options...);
  CHECK(static_cast<double>(h.value) == Approx(expected.value).epsilon(bound));
  check_near(h.gradient, expected.slopes, bound);
  check_near(h.hessian, expected.curvatures, bound);
  return h;
}
/// Checks every loss function on these tensors with these options.
template <class L, class Z, class Y, class... O>
void check_all_functions(plain const& expected, L const& loss, Z const& z, Y const& y, O const&... options) {
  using T = fovea::value_of<Z>;
  double const bound = 20 * static_cast<double>(std::numeric_limits<T>::epsilon());

  CHECK(static_cast<double>(fovea::value(loss, z, y, options...)) == Approx(expected.value).epsilon(bound));
  check_near(fovea::values(loss, z, y, options...), expected.values, bound);

  auto const g = fovea::value_and_gradient(loss, z, y, options...);
  CHECK(static_cast<double>(g.value) == Approx(expected.value).epsilon(bound));
  check_near(g.gradient, expected.slopes, bound);
  CHECK(same_elements(fovea::gradient(loss, z, y, options...), g.gradient));

  auto const h = check_results(expected, loss, z, y, options...);
  auto into = g.gradient, hessian = g.gradient;
  std::fill_n(fovea::data(into), fovea::size(into), T(99));
  CHECK(fovea::value_and_gradient(loss, z, y, into, options...) == g.value);
  CHECK(same_elements(into, g.gradient));
  std::fill_n(fovea::data(into), fovea::size(into), T(99));
  CHECK(fovea::value_gradient_and_hessian(loss, z, y, into, hessian, options...) == h.value);
  CHECK(same_elements(into, h.gradient));
  CHECK(same_elements(hessian, h.hessian));

  fovea::host_backend<T> const backend;
  check_near(fovea::values(backend, loss, z, y, options...), expected.values, bound);
  CHECK(static_cast<double>(fovea::value(backend, loss, z, y, options...)) == Approx(expected.value).epsilon(bound));
  CHECK(static_cast<double>(fovea::value_and_gradient(backend, loss, z, y, into, options...)) ==
        Approx(expected.value).epsilon(bound));
  check_near(into, expected.slopes, bound);
}

std::vector<double> const ones(count, 1);

template <class E> std::string message(E const& f) {
  try {
    f();
  } catch (fovea::error const& e) {
    return e.what();
  }
  return "nothing thrown";
}

}  // namespace

TEST_CASE("losses accept every kind of tensor") {
  using T = float;
  auto const z = predictions<T>(), y = targets<T>();
  sigmoid_focal_loss const loss{.gamma = 2, .alpha = 0.25};
  plain const expected(loss, ones, count);
  check_all_functions(expected, loss, z, y);
  check_all_functions(expected, loss, shaped<xt::xtensor<T, 1>>(z, {count}), shaped<xt::xtensor<T, 1>>(y, {count}));
  check_all_functions(expected, loss, matrix(z), matrix(y));
  check_all_functions(expected, loss, shaped<xt::xarray<T>>(z, {rows, columns}),
                      shaped<xt::xarray<T>>(y, {rows, columns}));
  check_all_functions(expected, loss, shaped<xt::xarray<T>>(z, {columns, 1, rows}),
                      shaped<xt::xtensor<T, 3>>(y, {columns, 1, rows}));
  auto z_elements = z, y_elements = y;
  std::array<std::size_t, 2> const shape{rows, columns};
  check_all_functions(expected, loss, xt::adapt(z_elements, shape), xt::adapt(y_elements, shape));
  check_all_functions(expected, loss, xt::adapt(z_elements.data(), count, xt::no_ownership(), shape), matrix(y));
  std::vector<std::size_t> const dynamic_shape{rows, columns};
  check_all_functions(expected, loss, xt::adapt(z_elements, dynamic_shape), matrix(y));
}

TEST_CASE("every loss gives the expected results") {
  auto const z = predictions<double>(), y = targets<double>();
  auto const check = [&](auto const& loss) { check_all_functions({loss, ones, count}, loss, z, y); };
  check(sigmoid_focal_loss{.gamma = 0.5});
  check(sigmoid_binary_cross_entropy{.pos_weight = 3});
  check(fovea::mean_squared_error{});
  check(costly_miss{});
}

TEST_CASE("a gradient can be written to another type of tensor of the same shape") {
  auto const z = predictions<float>(), y = targets<float>();
  std::vector<float> flat(count);
  auto const into = fovea::value_and_gradient(sigmoid_focal_loss{}, z, y, flat);
  xt::xarray<float> other = xt::xarray<float>::from_shape({count});
  CHECK(fovea::value_and_gradient(sigmoid_focal_loss{}, z, y, other) == into);
  CHECK(same_elements(other, flat));
  std::vector<float> part(2 * count, 5.f);
  fovea::value_and_gradient(
      sigmoid_focal_loss{}, z, y,
      xt::adapt(part.data() + count / 2, count, xt::no_ownership(), std::array<std::size_t, 1>{count}));
  CHECK(std::equal(flat.begin(), flat.end(), part.begin() + count / 2));
  CHECK((part[count / 2 - 1] == 5 && part[count / 2 + count] == 5));
}

TEST_CASE("losses accept weights, sample weights, a mask and a reduction in any order") {
  using T = float;
  sigmoid_focal_loss const loss{.gamma = 1.5, .alpha = 0.25};
  auto const z = matrix(predictions<T>()), y = matrix(targets<T>());
  auto const w = matrix(element_weights<T>());
  auto const m = matrix(some());
  auto const s = row_weights<T>();
  auto const s_column = shaped<xt::xtensor<T, 2>>(s, {rows, 1});
  auto const s_dynamic = shaped<xt::xarray<T>>(s, {rows});

  auto const by_element = to_doubles(element_weights<T>());
  std::vector<double> by_row, unmasked, by_both, all;
  for (std::size_t i = 0; i != count; ++i) {
    by_row.push_back(static_cast<double>(s[i / columns]));
    unmasked.push_back(some()[i] != 0);
    by_both.push_back(by_element[i] * by_row[i]);
    all.push_back(by_both[i] * unmasked[i]);
  }
  auto const sum = [](std::vector<double> const& v) {
    double total = 0;
    for (double x : v) total += x;
    return total;
  };
  auto const product = [](std::vector<double> a, std::vector<double> const& b) {
    for (std::size_t i = 0; i != count; ++i) a[i] *= b[i];
    return a;
  };

  SECTION("a reduction alone") {
    check_results({loss, ones, count}, loss, z, y, reduction::mean);
    check_results({loss, ones, 1}, loss, z, y, reduction::sum);
    check_results({loss, ones, count}, loss, z, y, reduction::weighted_mean);
  }
  SECTION("weights: the mean divides by the number of elements, the weighted mean by the weights") {
    check_results({loss, by_element, count}, loss, z, y, weights(w));
    check_results({loss, by_element, 1}, loss, z, y, reduction::sum, weights(w));
    check_results({loss, by_element, sum(by_element)}, loss, z, y, weights(w), reduction::weighted_mean);
  }
  SECTION("sample weights of shape (N), (N, 1) and of dynamic rank") {
    check_results({loss, by_row, count}, loss, z, y, sample_weights(s));
    check_results({loss, by_row, count}, loss, z, y, sample_weights(s_column), reduction::mean);
    check_results({loss, by_row, 1}, loss, z, y, sample_weights(s_dynamic), reduction::sum);
    check_results({loss, by_row, sum(by_row)}, loss, z, y, reduction::weighted_mean, sample_weights(s_column));
  }
  SECTION("a mask: the mean divides by the elements that are left") {
    check_results({loss, unmasked, sum(unmasked)}, loss, z, y, mask(m));
    check_results({loss, unmasked, 1}, loss, z, y, mask(m), reduction::sum);
    check_results({loss, unmasked, sum(unmasked)}, loss, z, y, reduction::weighted_mean, mask(m));
  }
  SECTION("together") {
    auto const one_row = product(by_row, unmasked);
    check_results({loss, by_both, count}, loss, z, y, weights(w), sample_weights(s));
    check_results({loss, all, sum(unmasked)}, loss, z, y, mask(m), weights(w), sample_weights(s));
    check_results({loss, all, sum(unmasked)}, loss, z, y, sample_weights(s), reduction::mean, mask(m), weights(w));
    check_all_functions({loss, all, sum(all)}, loss, z, y, reduction::weighted_mean, sample_weights(s), mask(m),
                        weights(w));
    check_results({loss, all, sum(all)}, loss, z, y, weights(w), mask(m), sample_weights(s), reduction::weighted_mean);
    check_all_functions({loss, all, 1}, loss, z, y, weights(w), mask(m), reduction::sum, sample_weights(s));
    check_results({loss, one_row, sum(one_row)}, loss, z, y, sample_weights(s_column), mask(m),
                  reduction::weighted_mean);
  }
}

TEST_CASE("weights may have another type than the predictions") {
  auto const z = predictions<float>(), y = targets<float>();
  std::vector<double> const doubles = element_weights<double>();
  std::vector<float> const floats = element_weights<float>();
  std::vector<int> const whole{3, 0, 1, 2, 2, 1, 5};
  sigmoid_focal_loss const loss;
  CHECK(fovea::value(loss, z, y, weights(doubles)) == fovea::value(loss, z, y, weights(floats)));
  CHECK(fovea::value(loss, matrix(z), matrix(y), sample_weights(whole)) ==
        fovea::value(loss, matrix(z), matrix(y), sample_weights(std::vector<float>(whole.begin(), whole.end()))));
}

TEMPLATE_TEST_CASE("masked elements have no effect, whatever they contain", "", fovea::host_backend<double>,
                   fovea::xtensor_backend<float>) {
  using T = typename TestType::value_type;
  TestType const backend;
  auto const keep = some();
  auto z = predictions<T>(), y = targets<T>(), w = element_weights<T>();
  auto const clean_z = z, clean_y = y, clean_w = w;
  T const poison[] = {T(not_a_number), std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity()};
  for (std::size_t i = 0, k = 0; i != count; ++i)
    if (keep[i] == 0) z[i] = poison[k % 3], y[i] = poison[(k + 1) % 3], w[i] = poison[++k % 3];

  std::vector<T> const as_numbers(keep.begin(), keep.end());
  xt::xtensor<bool, 1> as_bools = xt::xtensor<bool, 1>::from_shape({count});
  std::copy(keep.begin(), keep.end(), as_bools.begin());

  auto const check = [&](auto const& loss, auto const& m) {
    for (auto how : {reduction::mean, reduction::sum, reduction::weighted_mean}) {
      auto const clean =
          fovea::value_gradient_and_hessian(backend, loss, clean_z, clean_y, mask(m), weights(clean_w), how);
      auto const found = fovea::value_gradient_and_hessian(backend, loss, z, y, mask(m), weights(w), how);
      CHECK(std::isfinite(found.value));
      CHECK(found.value == clean.value);
      CHECK(found.gradient == clean.gradient);
      CHECK(found.hessian == clean.hessian);
      CHECK(fovea::value(backend, loss, z, y, how, weights(w), mask(m)) ==
            fovea::value(backend, loss, clean_z, clean_y, how, weights(clean_w), mask(m)));
      CHECK(fovea::values(backend, loss, z, y, weights(w), mask(m)) ==
            fovea::values(backend, loss, clean_z, clean_y, weights(clean_w), mask(m)));
      for (std::size_t i = 0; i != count; ++i)
        if (keep[i] == 0) CHECK((found.gradient[i] == 0 && found.hessian[i] == 0));
    }
  };
  for (double gamma : {0.5, 2.}) {
    check(sigmoid_focal_loss{gamma}, keep);
    check(sigmoid_focal_loss{gamma}, as_numbers);
    check(sigmoid_focal_loss{gamma}, as_bools);
  }
}

TEST_CASE("a loss whose elements are all masked is 0") {
  auto const z = predictions<float>(), y = targets<float>(), w = element_weights<float>();
  std::vector<int> const none(count, 0);
  for (auto how : {reduction::mean, reduction::sum, reduction::weighted_mean}) {
    auto const found = fovea::value_gradient_and_hessian(sigmoid_focal_loss{}, z, y, mask(none), weights(w), how);
    CHECK(found.value == 0);
    CHECK(found.gradient == std::vector<float>(count, 0));
    CHECK(found.hessian == std::vector<float>(count, 0));
    CHECK(fovea::value(fovea::xtensor_backend{}, sigmoid_focal_loss{}, z, y, mask(none), how) == 0);
  }
}

TEST_CASE("a loss of no elements is 0 and its gradient is empty") {
  std::vector<float> const none;
  std::vector<int> const no_mask;
  for (auto how : {reduction::mean, reduction::sum, reduction::weighted_mean}) {
    CHECK(fovea::value(sigmoid_focal_loss{}, none, none, how) == 0);
    CHECK(fovea::value(fovea::xtensor_backend{}, sigmoid_focal_loss{}, none, none, how) == 0);
    CHECK(fovea::value_and_gradient(sigmoid_focal_loss{}, none, none, how, weights(none), mask(no_mask)).value == 0);
  }
  for (std::array<std::size_t, 2> shape : {std::array<std::size_t, 2>{0, 3}, {3, 0}, {0, 0}}) {
    auto const x = xt::xtensor<double, 2>::from_shape(shape);
    auto const found = fovea::value_gradient_and_hessian(sigmoid_focal_loss{}, x, x);
    CHECK(found.value == 0);
    CHECK(found.gradient.shape() == shape);
    std::vector<double> const s(shape[0], 1.);
    CHECK(fovea::value(sigmoid_focal_loss{}, x, x, sample_weights(s)) == 0);
  }
}

TEST_CASE("losses accept tensors of rank 0") {
  xt::xarray<double> const z(0.3), y(1.);
  REQUIRE(z.dimension() == 0);
  CHECK(fovea::value(sigmoid_focal_loss{}, z, y) ==
        Approx(fovea::value(sigmoid_focal_loss{}, std::vector{0.3}, std::vector{1.})));
}

TEST_CASE("targets may be integers or bools") {
  auto const z = predictions<float>();
  std::vector<int> whole(count);
  xt::xtensor<bool, 1> bools = xt::xtensor<bool, 1>::from_shape({count});
  for (std::size_t i = 0; i != count; ++i) bools(i) = (whole[i] = i % 3 == 0) != 0;
  std::vector<float> const floats(whole.begin(), whole.end());
  sigmoid_focal_loss const loss;
  auto const expected = fovea::value_and_gradient(loss, z, floats);
  auto const of_whole = fovea::value_and_gradient(loss, z, whole), of_bools = fovea::value_and_gradient(loss, z, bools);
  CHECK((of_whole.value == expected.value && of_whole.gradient == expected.gradient));
  CHECK((of_bools.value == expected.value && of_bools.gradient == expected.gradient));
  fovea::xtensor_backend const simd;
  CHECK(fovea::value(simd, loss, z, whole) == fovea::value(simd, loss, z, floats));
  CHECK(fovea::value(simd, loss, z, bools) == fovea::value(simd, loss, z, floats));
}

TEST_CASE("gradient and Hessian are the derivatives of the value for all options") {
  auto const y = matrix(targets<double>()), w = matrix(element_weights<double>());
  auto const s = row_weights<double>();
  auto const m = matrix(some());
  auto const check = [&](auto const& loss, auto const&... options) {
    auto z = matrix(predictions<double>());
    auto const at = fovea::value_gradient_and_hessian(loss, z, y, options...);
    double const h = 1e-3;
    for (std::size_t r = 0; r != rows; ++r)
      for (std::size_t c = 0; c != columns; ++c) {
        double const here = z(r, c);
        double slope = 0, curvature = 0;
        for (auto [step, factor] : {std::pair{-2, 1.}, {-1, -8.}, {1, 8.}, {2, -1.}}) {
          z(r, c) = here + step * h;
          auto const near = fovea::value_and_gradient(loss, z, y, options...);
          slope += factor * near.value / (12 * h), curvature += factor * near.gradient(r, c) / (12 * h);
        }
        z(r, c) = here;
        CHECK(at.gradient(r, c) == Approx(slope).epsilon(1e-8).margin(1e-10));
        CHECK(at.hessian(r, c) == Approx(curvature).epsilon(1e-8).margin(1e-10));
      }
  };
  auto const check_options = [&](auto const& loss) {
    check(loss);
    check(loss, reduction::sum);
    check(loss, weights(w), reduction::weighted_mean);
    check(loss, sample_weights(s), mask(m));
    check(loss, mask(m), sample_weights(s), weights(w), reduction::weighted_mean);
  };
  check_options(sigmoid_focal_loss{.gamma = 2.5, .alpha = 0.25});
  check_options(sigmoid_focal_loss{.gamma = 0.5});
  check(costly_miss{}, mask(m), sample_weights(s), weights(w), reduction::weighted_mean);
}

TEST_CASE("a user-defined loss needs only its formula") {
  std::vector<float> const z{2, -1, 0, 30, -30}, y{1, 1, 0, 0, 1};
  auto const each = fovea::values(costly_miss{.cost = 4}, z, y);
  std::vector<double> const expected{4 * std::log1p(std::exp(-2)), 4 * std::log1p(std::exp(1)), std::log(2), 30, 120};
  for (std::size_t i = 0; i != z.size(); ++i) CHECK(static_cast<double>(each[i]) == Approx(expected[i]).epsilon(1e-6));
  std::vector<float> more_z(1001, 0.5f), more_y(1001, 1.f);
  auto const simd =
      fovea::value_gradient_and_hessian(fovea::xtensor_backend{{.threads = 2}}, costly_miss{}, more_z, more_y);
  double const p = 1 / (1 + std::exp(-0.5));
  CHECK(static_cast<double>(simd.value) ==
        Approx(-10 * std::log(p)).epsilon(1e-5));  // equal floats in a sum all round in the same direction
  CHECK(static_cast<double>(simd.gradient[1000]) == Approx(-10 * (1 - p) / 1001).epsilon(1e-6));
  CHECK(static_cast<double>(simd.hessian[1000]) == Approx(10 * p * (1 - p) / 1001).epsilon(1e-6));
}

TEST_CASE("the error for different shapes names them, and nothing is written") {
  sigmoid_focal_loss const loss;
  auto const z = matrix(predictions<float>()), y = matrix(targets<float>());
  auto const of_shape = [](std::vector<std::size_t> const& shape) { return xt::xarray<float>(shape, 1.f); };
  auto const names = [](std::string const& text, char const* a, char const* b) {
    CHECK_THAT(text, ContainsSubstring(a) && ContainsSubstring(b));
  };
  names(message([&] { fovea::value(loss, std::vector<float>(3), std::vector<float>(4)); }), "(3,)", "targets (4,)");
  names(message([&] { fovea::value(loss, z, of_shape({rows, 1})); }), "(7, 3)", "targets (7, 1)");
  names(message([&] { fovea::value(loss, of_shape({rows}), of_shape({rows, 1})); }), "(7,)", "(7, 1)");
  names(message([&] { fovea::value(loss, of_shape({3, rows}), y); }), "(3, 7)", "(7, 3)");
  names(message([&] { fovea::values(loss, z, y, weights(of_shape({rows}))); }), "(7, 3)", "weights (7,)");
  names(message([&] { fovea::gradient(loss, z, y, mask(of_shape({1, columns}))); }), "(7, 3)", "mask (1, 3)");
  for (auto shape : {std::vector<std::size_t>{columns}, {1, rows}, {rows + 1, 1}, {count}})
    names(message([&] { fovea::value(loss, z, y, sample_weights(of_shape(shape))); }), "(7, 3)",
          ("sample weights " + to_string(fovea::shape(shape))).c_str());

  auto small = of_shape({rows, 2}), right = of_shape({rows, columns});
  names(message([&] { fovea::value_and_gradient(loss, z, y, small); }), "(7, 3)", "gradient (7, 2)");
  names(message([&] { fovea::value_gradient_and_hessian(loss, z, y, small, right); }), "(7, 3)", "gradient (7, 2)");
  names(message([&] { fovea::value_gradient_and_hessian(loss, z, y, right, small); }), "(7, 3)", "Hessian (7, 2)");
  CHECK_THROWS_AS(fovea::value_and_gradient(loss, z, of_shape({rows, 2}), right), fovea::shape_error);
  CHECK(same_elements(right, of_shape({rows, columns})));
}

TEST_CASE("every function rejects hyper-parameters outside their domain and writes nothing") {
  std::vector<float> const x{0.25f, 0.5f};
  auto const refuses = [&](auto const& loss, char const* text) {
    std::vector<float> g{7, 7}, h{7, 7};
    CHECK_THROWS_AS(fovea::value(loss, x, x), fovea::argument_error);
    CHECK_THAT(message([&] { fovea::value(loss, x, x); }), ContainsSubstring(text));
    CHECK_THAT(message([&] { fovea::values(loss, x, x); }), ContainsSubstring(text));
    CHECK_THAT(message([&] { fovea::gradient(loss, x, x); }), ContainsSubstring(text));
    CHECK_THAT(message([&] { fovea::value_and_gradient(loss, x, x); }), ContainsSubstring(text));
    CHECK_THAT(message([&] { fovea::value_and_gradient(fovea::xtensor_backend{}, loss, x, x, g); }),
               ContainsSubstring(text));
    CHECK_THAT(message([&] { fovea::value_gradient_and_hessian(loss, x, x, g, h); }), ContainsSubstring(text));
    CHECK((g == std::vector<float>{7, 7} && h == g));
  };
  double const infinity = std::numeric_limits<double>::infinity();
  refuses(sigmoid_focal_loss{.gamma = -1}, "sigmoid_focal_loss: gamma must be in [0, 10000], got -1");
  refuses(sigmoid_focal_loss{.gamma = not_a_number}, "gamma must be in [0, 10000], got nan");
  refuses(sigmoid_focal_loss{.gamma = infinity}, "gamma must be in [0, 10000], got inf");
  refuses(sigmoid_focal_loss{.alpha = -0.1}, "sigmoid_focal_loss: alpha must be in [0, 1], got -0.1");
  refuses(sigmoid_focal_loss{.alpha = 1.1}, "alpha must be in [0, 1], got 1.1");
  refuses(sigmoid_focal_loss{.alpha = not_a_number}, "alpha must be in [0, 1], got nan");
  refuses(fovea::focal_loss{.gamma = -0.5}, "focal_loss: gamma must be in [0, 10000], got -0.5");
  refuses(fovea::focal_loss{.gamma = not_a_number}, "focal_loss: gamma must be");
  refuses(sigmoid_binary_cross_entropy{.pos_weight = -1}, "pos_weight must be finite and not negative, got -1");
  refuses(sigmoid_binary_cross_entropy{.pos_weight = not_a_number},
          "pos_weight must be finite and not negative, got nan");
  refuses(sigmoid_binary_cross_entropy{.pos_weight = infinity}, "pos_weight must be finite and not negative, got inf");
  for (double alpha : {0., 1.})
    CHECK(std::isfinite(fovea::value(sigmoid_focal_loss{.gamma = 0, .alpha = alpha}, x, x)));
}

TEST_CASE("each loss has its inverse link") {
  CHECK((std::same_as<decltype(fovea::inverse_link_of(sigmoid_focal_loss{})), fovea::sigmoid>));
  CHECK((std::same_as<decltype(fovea::inverse_link_of(sigmoid_binary_cross_entropy{})), fovea::sigmoid>));
  CHECK((std::same_as<decltype(fovea::inverse_link_of(fovea::focal_loss{})), fovea::identity>));
  CHECK((std::same_as<decltype(fovea::inverse_link_of(fovea::binary_cross_entropy{})), fovea::identity>));
  CHECK((std::same_as<decltype(fovea::inverse_link_of(costly_miss{})), fovea::identity>));
}

TEST_CASE("a result may be written over an operand, and is refused over a part of one") {
  auto const check = [](auto const& b) {
    using T = typename std::remove_cvref_t<decltype(b)>::value_type;
    std::vector<T> memory(60);
    for (std::size_t i = 0; i != memory.size(); ++i) memory[i] = T(0.1) * static_cast<T>((i * 7) % 30) - T(1);
    auto const y = memory;
    auto const span = [](std::vector<T>& of, std::size_t first) {
      return fovea::vector_span<std::remove_cvref_t<decltype(b)>, T>{of.data() + first,
                                                                     fovea::extents<fovea::dynamic>({41})};
    };
    auto targets = y;
    for (auto& t : targets) t = t > 0;
    fovea::sigmoid_focal_loss const loss{.gamma = 1.5};
    std::vector<T> gradient(60), hessian(60);
    auto const all = [&](auto z, auto t, auto g, auto h) {
      return fovea::value_gradient_and_hessian(b, loss, z, t, g, h);
    };
    auto const value = all(span(memory, 0), span(targets, 0), span(gradient, 0), span(hessian, 0));
    auto in_place = memory, over_targets = targets;
    CHECK(all(span(in_place, 0), span(targets, 0), span(in_place, 0), span(hessian, 0)) == value);
    CHECK(std::equal(gradient.begin(), gradient.begin() + 41, in_place.begin()));
    CHECK(all(span(memory, 0), span(over_targets, 0), span(over_targets, 0), span(hessian, 0)) == value);
    CHECK(std::equal(gradient.begin(), gradient.begin() + 41, over_targets.begin()));
    auto const before = memory;
    CHECK_THROWS_WITH(all(span(memory, 0), span(targets, 0), span(memory, 1), span(hessian, 0)),
                      "loss: gradient overlaps a part of predictions; it may be the same memory, or other memory");
    CHECK_THROWS_WITH(all(span(memory, 0), span(targets, 3), span(gradient, 0), span(targets, 0)),
                      "loss: Hessian overlaps a part of targets; it may be the same memory, or other memory");
    CHECK_THROWS_WITH(all(span(memory, 0), span(targets, 0), span(gradient, 0), span(gradient, 0)),
                      "loss: gradient and Hessian are the same memory");
    CHECK(memory == before);
    // weights and a mask of elements may be overwritten, too; weights of rows are read again for other elements
    std::vector<T> w(60), kept(60);
    for (std::size_t i = 0; i != w.size(); ++i) w[i] = T(0.5) * static_cast<T>(i % 4), kept[i] = T(i % 3 != 1);
    auto const optional = [&](std::vector<T>& g, std::vector<T>& h, auto const&... options) {
      auto const found = fovea::value_gradient_and_hessian(b, loss, span(memory, 0), span(targets, 0), span(g, 0),
                                                           span(h, 0), options...);
      return found;
    };
    for (auto how : {reduction::mean, reduction::sum, reduction::weighted_mean}) {
      auto own_w = w, own_kept = kept;
      auto const apart = span(w, 0), apart_mask = span(kept, 0), same = span(own_w, 0), same_mask = span(own_kept, 0);
      auto const expected = optional(gradient, hessian, weights(apart), mask(apart_mask), how);
      CHECK(optional(own_w, own_kept, weights(same), mask(same_mask), how) == expected);
      CHECK(std::equal(gradient.begin(), gradient.begin() + 41, own_w.begin()));
      CHECK(std::equal(hessian.begin(), hessian.begin() + 41, own_kept.begin()));
    }
    auto const w_before = w;
    auto const shifted = span(w, 5), same = span(w, 0);
    CHECK_THROWS_WITH(optional(w, hessian, weights(shifted)),
                      "loss: gradient overlaps a part of weights; it may be the same memory, or other memory");
    CHECK_THROWS_WITH(optional(gradient, w, mask(shifted)),
                      "loss: Hessian overlaps a part of mask; it may be the same memory, or other memory");
    CHECK_THROWS_WITH(optional(w, hessian, sample_weights(same)),
                      "loss: gradient overlaps the sample weights, which a row reads again");
    CHECK_THROWS_WITH(optional(gradient, w, sample_weights(shifted)),
                      "loss: Hessian overlaps the sample weights, which a row reads again");
    fovea::vector_span<std::remove_cvref_t<decltype(b)>, int> const bytes{reinterpret_cast<int*>(w.data()),
                                                                          fovea::extents<fovea::dynamic>({41})};
    CHECK_THROWS_WITH(optional(w, hessian, mask(bytes)), ContainsSubstring("loss: gradient overlaps a part of mask"));
    CHECK(w == w_before);
  };
  check(fovea::host_backend<double>{});
  check(fovea::xtensor_backend<float>{});
}

TEST_CASE("a mean keeps its digits: of tiny losses, of many and of equal ones") {
  // The squared error of 0.1 and its multiples is not a power of 2, and below the smallest normal number it has fewer digits.
  fovea::mean_squared_error const loss;
  for (std::size_t const n : {65'536u, 1'000'000u}) {
    for (float const size : {1.3e-19f, 0.7f}) {
      std::vector<float> const z(n, size), y(n, 0.f);
      double const exact = double{size} * double{size}, one = double{size * size};
      auto const found = fovea::value_and_gradient(fovea::xtensor_backend{}, loss, z, y);
      CHECK(std::abs(double{found.value} - one) <= 1e-6 * one);
      CHECK(std::abs(double{found.value} - exact) <= 1e-5 * exact);
      CHECK(double{found.gradient[n / 2]} == Approx(2 * double{size} / static_cast<double>(n)).epsilon(1e-6));
      CHECK(fovea::value(fovea::host_backend<float>{}, loss, z, y) == Approx(one).epsilon(1e-6));
    }
  }
}

TEST_CASE("a mean is finite where the losses are, though floats could not hold their sum") {
  fovea::mean_squared_error const loss;
  auto const check = [&](auto const& b) {
    for (std::size_t const n : {3u, 100u, 1000u, 70'000u}) {
      std::vector<float> z(n, 5e18f), w(n, 1.f), zeros(n, 0.f);
      z[n / 2] = 1.8e19f, z[n - 1] = -1e18f;
      double exact = 0;
      for (float const one : z) exact += double{one * one};
      exact /= static_cast<double>(n);
      INFO(n << " losses");
      CHECK(double{fovea::value(b, loss, z, zeros)} == Approx(exact).epsilon(1e-6));
      CHECK(double{fovea::value(b, loss, z, zeros, weights(w), reduction::weighted_mean)} ==
            Approx(exact).epsilon(1e-6));
      auto slopes = zeros;
      CHECK(double{fovea::value_and_gradient(b, loss, z, zeros, slopes)} == Approx(exact).epsilon(1e-6));
      CHECK(double{slopes[0]} == Approx(2 * double{z[0]} / static_cast<double>(n)).epsilon(1e-6));
      auto const in_rows = shaped<xt::xtensor<float, 2>>(z, {n, 1}),
                 no_rows = shaped<xt::xtensor<float, 2>>(zeros, {n, 1});
      CHECK(double{fovea::value(b, loss, in_rows, no_rows, sample_weights(w))} == Approx(exact).epsilon(1e-6));
      CHECK(std::isinf(fovea::value(b, loss, z, zeros, reduction::sum)) == (exact * static_cast<double>(n) > 3.4e38));
      z[0] = std::numeric_limits<float>::infinity();
      CHECK(fovea::value(b, loss, z, zeros) == std::numeric_limits<float>::infinity());
      z[0] = std::numeric_limits<float>::quiet_NaN();
      CHECK(std::isnan(fovea::value(b, loss, z, zeros)));
    }
  };
  check(fovea::host_backend<float>{});
  check(fovea::xtensor_backend<float>{});
  check(fovea::xtensor_backend<float>{{.threads = 2}});
}

TEST_CASE("weights that are all 0 leave nothing of a loss: 0") {
  auto const z = predictions<double>(), y = targets<double>();
  std::vector<double> const none(count, 0), no_rows(rows, 0);
  auto const found = fovea::value_and_gradient(sigmoid_focal_loss{}, z, y, weights(none), reduction::weighted_mean);
  CHECK(found.value == 0);
  CHECK(found.gradient == none);
  auto const of_rows = fovea::value_and_gradient(sigmoid_binary_cross_entropy{}, matrix(z), matrix(y),
                                                 sample_weights(no_rows), reduction::weighted_mean);
  CHECK(of_rows.value == 0);
}

TEST_CASE("weights whose sum is 0 give 0, value and gradient, of every loss") {
  std::vector<double> const z{3, -1}, y{0, 1}, w{1, -1}, none(2, 0);
  auto const check = [&](auto const& found) {
    CHECK(found.value == 0);
    CHECK(std::all_of(fovea::data(found.gradient), fovea::data(found.gradient) + fovea::size(found.gradient),
                      [](double slope) { return slope == 0; }));
  };
  check(fovea::value_and_gradient(fovea::mean_squared_error{}, z, y, weights(w), reduction::weighted_mean));
  check(fovea::value_and_gradient(sigmoid_focal_loss{}, z, y, sample_weights(w), reduction::weighted_mean));
  xt::xtensor<double, 2> const logits = {{1, 2, 3}, {0, 4, -2}};
  std::vector<int> const classes{0, 1};
  std::vector<double> const by_class{1, -1, 0};
  check(fovea::value_and_gradient(fovea::softmax_cross_entropy{}, logits, classes, sample_weights(w),
                                  reduction::weighted_mean));
  check(fovea::value_and_gradient(fovea::softmax_cross_entropy{.weight = fovea::class_weights(by_class)}, logits,
                                  classes));
}

TEST_CASE("a mask of another real type selects the elements that are not 0 in that type") {
  auto const check = [](auto const& b, auto shape) {
    auto const tensor = [&]<class T>(std::vector<T> const& x) {
      auto t = b.template empty<T>(shape(x.size()));
      std::copy(x.begin(), x.end(), fovea::data(t));
      return t;
    };
    std::vector<double> numbers;
    std::vector<float> kept, z, y;
    for (std::size_t i = 0; i != 37; ++i) {
      numbers.push_back(std::array{1e-300, 0., -1., -0., 1e300}[i % 5]);
      kept.push_back(i % 5 == 1 || i % 5 == 3 ? 0.f : 1.f);
      z.push_back(kept[i] == 0 ? std::numeric_limits<float>::quiet_NaN() : 0.1f * static_cast<float>(i) - 2);
      y.push_back(static_cast<float>(i % 2));
    }
    auto const narrow = tensor(numbers);
    auto const given =
        fovea::value_and_gradient(b, fovea::sigmoid_binary_cross_entropy{}, tensor(z), tensor(y), mask(narrow));
    auto const same = tensor(kept);
    auto const wanted =
        fovea::value_and_gradient(b, fovea::sigmoid_binary_cross_entropy{}, tensor(z), tensor(y), mask(same));
    CHECK(given.value == wanted.value);
    CHECK(std::equal(fovea::data(given.gradient), fovea::data(given.gradient) + 37, fovea::data(wanted.gradient)));

    auto rows = b.template empty<float>(std::array<std::size_t, 2>{37, 3});
    for (std::size_t i = 0; i != 111; ++i) fovea::data(rows)[i] = z[i / 3] + static_cast<float>(i % 3);
    std::vector<int> classes(37);
    for (std::size_t i = 0; i != 37; ++i) classes[i] = kept[i] == 0 ? -1 : static_cast<int>(i % 3);
    auto const of = tensor(classes);
    fovea::softmax_cross_entropy const loss;
    CHECK(fovea::value(b, loss, rows, of, mask(narrow)) == fovea::value(b, loss, rows, of, mask(same)));
    std::array<bool, 37> flags{};
    std::transform(kept.begin(), kept.end(), flags.begin(), [](float k) { return k != 0; });
    fovea::vector_span<std::remove_cvref_t<decltype(b)>, bool> const bools{flags.data(),
                                                                           fovea::extents<fovea::dynamic>({37})};
    CHECK(fovea::value(b, loss, rows, of, mask(bools)) == fovea::value(b, loss, rows, of, mask(same)));
    flags[1] = true;
    CHECK_THROWS_WITH(fovea::value(b, loss, rows, of, mask(bools)), "loss: the class of row 1 is -1, and there are 3");
  };
  auto const vector = [](std::size_t n) { return std::array<std::size_t, 1>{n}; };
  check(fovea::host_backend<float>{}, vector);
  check(fovea::xtensor_backend<float>{}, vector);
}
