// SPDX-License-Identifier: MIT
#include <fovea/scalar/dual.hpp>

#include <cmath>
#include <limits>

#include "../catch.hpp"
#include "accuracy.hpp"

using accuracy::exact;
using fovea::dual;
using fovea::dual2;
namespace math = fovea::math;

namespace {

/// A function's value and first two derivatives in long double.
struct taylor {
  exact value, slope, curvature;
};

/// Checks that `found` is within a few roundings of the terms that it is the sum of.
template <class T> void check_near(T found, exact truth, exact scale) {
  CHECK(std::fabs(static_cast<exact>(found) - truth) <= 8 * exact{std::numeric_limits<T>::epsilon()} * scale);
}

/// Checks f on a dual and a dual2 whose derivatives are not just 1 and 0, to test the chain rule.
template <class T, class F> void check_rule(F const& f, T x, taylor const& truth) {
  constexpr exact s = 1.5, c = -0.75;
  CAPTURE(x);
  auto const d = f(dual<T>(x, T(s)));
  auto const j = f(dual2<T>(x, T(s), T(c)));
  exact const slope = truth.slope * s, curvature = truth.curvature * s * s + truth.slope * c;
  exact const curvature_scale = std::fabs(truth.curvature) * s * s + std::fabs(truth.slope * c);
  check_near(d.value, truth.value, std::fabs(truth.value));
  check_near(j.value, truth.value, std::fabs(truth.value));
  check_near(d.slope, slope, std::fabs(slope));
  check_near(j.slope, slope, std::fabs(slope));
  check_near(j.curvature, curvature, curvature_scale);
}

/// Checks f'(x) and f''(x) against finite differences.
template <class F> void check_differences(F const& f, double x) {
  double const h = 1e-4;
  double const slope = (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h);
  double const curvature = (-f(x - 2 * h) + 16 * f(x - h) - 30 * f(x) + 16 * f(x + h) - f(x + 2 * h)) / (12 * h * h);
  CAPTURE(x);
  auto const j = fovea::value_slope_and_curvature(f, x);
  auto const d = fovea::value_and_slope(f, x);
  CHECK(j.value == Approx(f(x)).epsilon(1e-14));
  CHECK(d.slope == Approx(slope).epsilon(1e-9).margin(1e-9));
  CHECK(j.slope == Approx(d.slope).epsilon(1e-14));
  CHECK(j.curvature == Approx(curvature).epsilon(1e-6).margin(1e-6));
}

}  // namespace

TEMPLATE_TEST_CASE("every function's derivatives match the closed form", "", float, double) {
  using T = TestType;
  for (T at : {T(0.0625), T(0.3), T(0.75), T(1), T(1.7), T(4)}) {
    exact const x = at, e = std::exp(x), t = std::tanh(x);
    check_rule([](auto v) { return math::exp(v); }, at, {e, e, e});
    check_rule([](auto v) { return math::expm1(v); }, at, {std::expm1(x), e, e});
    check_rule([](auto v) { return math::log(v); }, at, {std::log(x), 1 / x, -1 / (x * x)});
    check_rule([](auto v) { return math::log1p(v); }, at, {std::log1p(x), 1 / (1 + x), -1 / ((1 + x) * (1 + x))});
    check_rule([](auto v) { return math::sqrt(v); }, at,
               {std::sqrt(x), 0.5L / std::sqrt(x), -0.25L / (x * std::sqrt(x))});
    check_rule([](auto v) { return math::abs(v); }, at, {x, 1, 0});
    check_rule([](auto v) { return math::abs(v); }, -at, {x, -1, 0});
    for (double p : {-1.5, 0.5, 1., 2., 3.})
      check_rule([p](auto v) { return math::pow(v, p); }, at,
                 {std::pow(x, exact{p}), p * std::pow(x, exact{p} - 1), p * (p - 1) * std::pow(x, exact{p} - 2)});
    if (at < 2)  // for larger arguments 1 - t^2 cancels
      for (int sign : {-1, 1})
        check_near(math::tanh(dual2<T>(at * T(sign), T(1))).curvature, sign * -2 * t * (1 - t * t), std::fabs(t));
    check_near(math::tanh(dual<T>(at, T(1))).slope, 1 - t * t, 1);
    check_near(math::tanh(dual2<T>(at, T(1))).slope, 1 - t * t, 1);
    check_near(math::tanh(dual2<T>(at, T(1))).value, t, 1);
  }
}

TEMPLATE_TEST_CASE("arithmetic accepts constants on either side", "", float, double) {
  using T = TestType;
  T const k(2.5);
  for (T at : {T(-3), T(-0.125), T(0.5), T(7)}) {
    exact const x = at, c = k;
    check_rule([](auto v) { return -v; }, at, {-x, -1, 0});
    check_rule([k](auto v) { return v + k; }, at, {x + c, 1, 0});
    check_rule([k](auto v) { return k + v; }, at, {x + c, 1, 0});
    check_rule([k](auto v) { return v - k; }, at, {x - c, 1, 0});
    check_rule([k](auto v) { return k - v; }, at, {c - x, -1, 0});
    check_rule([k](auto v) { return v * k; }, at, {c * x, c, 0});
    check_rule([k](auto v) { return k * v; }, at, {c * x, c, 0});
    check_rule([k](auto v) { return v / k; }, at, {x / c, 1 / c, 0});
    check_rule([k](auto v) { return k / v; }, at, {c / x, -c / (x * x), 2 * c / (x * x * x)});
  }
}

TEST_CASE("arithmetic of two varying numbers has the derivatives of its closed form") {
  for (double x : {-1.3, 0.4, 2.2}) {
    auto const u = [](auto v) { return v * v + 1.; };
    auto const w = [](auto v) { return math::exp(v * 0.5); };
    check_differences([&](auto v) { return u(v) + w(v); }, x);
    check_differences([&](auto v) { return u(v) - w(v); }, x);
    check_differences([&](auto v) { return u(v) * w(v); }, x);
    check_differences([&](auto v) { return u(v) / w(v); }, x);
    check_differences([&](auto v) { return w(v) / u(v); }, x);
  }
}

TEST_CASE("dual2 numbers differentiate compositions") {
  for (double x : {0.2, 0.9, 1.6}) {
    check_differences([](auto v) { return math::exp(-v * v) * math::tanh(v * 2.); }, x);
    check_differences([](auto v) { return math::log(math::sqrt(v + 1.) + math::log1p(v * v)); }, x);
    check_differences([](auto v) { return math::pow(math::expm1(v), 1.7) / (v + 0.5); }, x);
    check_differences([](auto v) { return math::abs(v * v - 1.) * math::exp(math::tanh(v)); }, x);
    check_differences([](auto v) { return math::select(v < 1., v * v * v, math::sqrt(v)); }, x);
    check_differences([](auto v) { return math::max(v * v, math::exp(-v)) + math::min(v, v * v); }, x);
  }
}

TEST_CASE("a dual of duals gives the same curvature as a dual2") {
  auto const f = [](auto v) { return math::exp(v) / (v * v + v) - math::tanh(v); };
  using nested = dual<dual<double>>;
  auto const d = f(nested(dual<double>(0.7, 1.), dual<double>(1., 0.)));
  auto const j = fovea::value_slope_and_curvature(f, 0.7);
  CHECK(d.value.value == Approx(j.value).epsilon(1e-14));
  CHECK(d.slope.value == Approx(j.slope).epsilon(1e-14));
  CHECK(d.slope.slope == Approx(j.curvature).epsilon(1e-13));
}

TEST_CASE("comparisons use only the value, and select takes value and derivatives from one side") {
  dual<double> const a(1, 5), b(2, -5), a_too(1, 7);
  dual2<double> const c(1, 5, 9), d(2, -5, -9);
  CHECK((a < b && b > a && a <= b && b >= a && a == a_too && !(a == b) && a <= a_too && a >= a_too));
  CHECK((c < d && d > c && c <= d && d >= c && !(c == d)));
  CHECK(math::select(true, a, b).slope == 5);
  CHECK(math::select(false, a, b).slope == -5);
  CHECK(math::select(true, c, d).curvature == 9);
  CHECK(math::select(false, c, d).curvature == -9);

  double const nan = std::numeric_limits<double>::quiet_NaN();
  auto const kept = math::select(true, c, dual2<double>(nan, nan, nan));
  CHECK((kept.value == 1 && kept.slope == 5 && kept.curvature == 9));
}

TEMPLATE_TEST_CASE("arithmetic with constants never multiplies 0 by infinity", "", float, double) {
  using T = TestType;
  T const infinity = std::numeric_limits<T>::infinity(), k(3);
  auto const slope = [&](auto f) { return f(dual<T>(infinity, T(1))).slope; };
  CHECK(slope([k](auto v) { return v + k; }) == 1);
  CHECK(slope([k](auto v) { return k + v; }) == 1);
  CHECK(slope([k](auto v) { return v - k; }) == 1);
  CHECK(slope([k](auto v) { return k - v; }) == -1);
  CHECK(slope([k](auto v) { return v * k; }) == 3);
  CHECK(slope([k](auto v) { return k * v; }) == 3);
  CHECK(slope([](auto v) { return v / T(4); }) == T(0.25));
  CHECK(slope([](auto v) { return math::max(v, decltype(v)(T(0))); }) == 1);

  auto const j = dual2<T>(infinity, T(1)) * k - k;
  CHECK((j.slope == 3 && j.curvature == 0));
  auto const finite = infinity * dual2<T>(T(2), T(0));  // the caller's own slope of 0 times infinity is NaN
  CHECK(std::isnan(finite.slope));
  CHECK((dual2<T>(T(2), T(1)) / k).curvature == 0);
  CHECK((dual<T>(T(2)) + infinity).slope == 0);
  CHECK((infinity - dual2<T>(T(2))).slope == 0);
}

TEST_CASE("values are infinite or NaN where the function is") {
  CHECK(math::log(dual<double>(0, 1)).value == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(math::log(dual<double>(-1, 1)).value));
  CHECK(math::sqrt(dual2<double>(0, 1)).slope == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(math::exp(dual2<double>(std::nan(""), 1)).curvature));
}

TEST_CASE("differentiation passes the other arguments unchanged") {
  auto const f = [](auto x, double a, int b) { return x * x * a + static_cast<double>(b); };
  auto const d = fovea::value_and_slope(f, 3., 2., 1);
  CHECK((d.value == 19 && d.slope == 12));
  auto const j = fovea::value_slope_and_curvature(f, 3., 2., 1);
  CHECK((j.value == 19 && j.slope == 12 && j.curvature == 4));
  STATIC_REQUIRE(fovea::value_and_slope([](auto x) { return x * x; }, 3.).slope == 6);
}
