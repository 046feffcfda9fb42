// SPDX-License-Identifier: MIT
#include <fovea/scalar/primitives.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fovea/backends/host.hpp>

#include "../catch.hpp"
#include "accuracy.hpp"
#include "xtensor.hpp"

using accuracy::exact;
namespace math = fovea::math;

#define FOVEA_SCALARS_AND_BATCHES \
  fovea::host_backend<float>, fovea::host_backend<double>, fovea::xtensor_backend<float>, fovea::xtensor_backend<double>

namespace {

struct sigmoid {
  template <class T> T operator()(T const& x) const { return math::sigmoid(x); }
};
struct softplus {
  template <class T> T operator()(T const& x) const { return math::softplus(x); }
};
struct log_sigmoid {
  template <class T> T operator()(T const& x) const { return math::log_sigmoid(x); }
};
struct sigmoid_power {
  double gamma;
  template <class T> T operator()(T const& x) const { return math::sigmoid_power(x, gamma); }
};
struct log_sigmoid_mix {
  double y;
  template <class T> T operator()(T const& x) const {
    return math::log_sigmoid_mix(x, math::constant<fovea::autodiff::primal_of<T>>(y));
  }
};
struct unit_power {
  double gamma;
  template <class T> void operator()(T& to, T const& x) const { to = math::unit_power(x, gamma); }
};

template <class P> struct with_derivatives {
  P primitive;
  template <class T> void operator()(T& plain, T& value, T& slope, T& curvature, T const& x) const {
    plain = primitive(x);
    auto const j = fovea::value_slope_and_curvature(primitive, x);
    value = j.value, slope = j.slope, curvature = j.curvature;
  }
};

template <class T> struct found {
  std::vector<T> plain, value, slope, curvature;
};
template <class B, class P, class T = typename B::value_type>
found<T> evaluate(B const& b, P const& p, std::vector<T> const& x) {
  auto const n = x.size();
  found<T> f{std::vector<T>(n), std::vector<T>(n), std::vector<T>(n), std::vector<T>(n)};
  b.for_each(fovea::domain<>({1, n}), with_derivatives<P>{p}, fovea::out{f.plain.data()}, fovea::out{f.value.data()},
             fovea::out{f.slope.data()}, fovea::out{f.curvature.data()}, fovea::each{x.data()});
  return f;
}

/// The exact results. A scale is the result itself or, where terms cancel, the sum of the terms' absolute values.
struct truth {
  exact value, slope, curvature;
  exact value_scale = value, slope_scale = slope, curvature_scale = curvature;

  /// Accepts any derivatives where this factor of them is not a normal number of T.
  template <class T> truth& unless_normal(exact factor) {
    if (factor < std::numeric_limits<T>::min()) slope_scale = curvature_scale = std::numeric_limits<exact>::infinity();
    return *this;
  }
};

/// The error bound that "full relative accuracy" means in these tests.
template <class T> constexpr double few_roundings = 5 * std::numeric_limits<T>::epsilon();

template <class B, class P, class Truth>
void check_primitive(P const& p, Truth const& truth_at, double bound = few_roundings<typename B::value_type>) {
  using T = typename B::value_type;
  auto const x = accuracy::every_logit<T>();
  auto const f = evaluate(B{}, p, x);
  accuracy::largest value, slope, curvature;
  for (std::size_t i = 0; i != x.size(); ++i) {
    truth const t = truth_at(static_cast<exact>(x[i]));
    value.see(accuracy::error_against(f.value[i], t.value, t.value_scale), "at", x[i], "found", f.value[i], "not",
              t.value);
    slope.see(accuracy::error_against(f.slope[i], t.slope, t.slope_scale), "at", x[i], "found", f.slope[i], "not",
              t.slope);
    curvature.see(accuracy::error_against(f.curvature[i], t.curvature, t.curvature_scale), "at", x[i], "found",
                  f.curvature[i], "not", t.curvature);
  }
  CAPTURE(value.where(), slope.where(), curvature.where());
  CHECK(f.plain == f.value);
  CHECK(value.error() <= bound);
  CHECK(slope.error() <= bound);
  CHECK(curvature.error() <= bound);
}

double const gammas[] = {0, 1e-4, 0.1, 0.3, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 100};

}  // namespace

TEMPLATE_TEST_CASE("sigmoid, softplus and log_sigmoid have full relative accuracy", "", FOVEA_SCALARS_AND_BATCHES) {
  check_primitive<TestType>(sigmoid{}, [](exact x) {
    exact const p = accuracy::sigmoid(x), q = accuracy::sigmoid(-x);
    truth t{p, p * q, p * q * (q - p)};
    t.curvature_scale = p * q;
    return t;
  });
  check_primitive<TestType>(softplus{}, [](exact x) {
    exact const p = accuracy::sigmoid(x), q = accuracy::sigmoid(-x);
    return truth{accuracy::softplus(x), p, p * q};
  });
  check_primitive<TestType>(log_sigmoid{}, [](exact x) {
    exact const p = accuracy::sigmoid(x), q = accuracy::sigmoid(-x);
    return truth{-accuracy::softplus(-x), q, -p * q};
  });
}

TEMPLATE_TEST_CASE("sigmoid_power is accurate to 4 + gamma roundings where it is normal", "",
                   FOVEA_SCALARS_AND_BATCHES) {
  using T = typename TestType::value_type;
  for (double gamma : gammas) {
    CAPTURE(gamma);
    check_primitive<TestType>(
        sigmoid_power{gamma},
        [=](exact x) {
          exact const p = accuracy::sigmoid(x), q = accuracy::sigmoid(-x),
                      w = std::exp(-gamma * accuracy::softplus(-x));
          truth t{w, gamma * q * w, gamma * q * w * (gamma * q - p)};
          t.curvature_scale = gamma * q * w * (gamma * q + p);
          return t.template unless_normal<T>(w).template unless_normal<T>(q);
        },
        (4 + gamma) * std::numeric_limits<T>::epsilon());
  }
}

TEMPLATE_TEST_CASE("log_sigmoid_mix is as accurate as its two logarithms", "", FOVEA_SCALARS_AND_BATCHES) {
  using T = typename TestType::value_type;
  for (double target : {1e-30, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6}) {
    CAPTURE(target);
    exact const y = static_cast<T>(target);
    check_primitive<TestType>(log_sigmoid_mix{target}, [y](exact x) {
      exact const p = accuracy::sigmoid(x), q = accuracy::sigmoid(-x), u = (1 - y) * p + y * q;
      exact const r = (1 - 2 * y) * p * q / u;
      truth t{std::log(u), r, r * (q - p - r)};
      t.value_scale = 1 + std::fabs(t.value);
      t.curvature_scale = std::fabs(r) * (1 + std::fabs(r));
      return t.template unless_normal<T>(p * q);
    });
  }
}

TEMPLATE_TEST_CASE("log_sigmoid_mix is finite for every soft target", "", FOVEA_SCALARS_AND_BATCHES) {
  using T = typename TestType::value_type;
  auto const x = accuracy::every_logit<T>();
  for (T y : {std::numeric_limits<T>::min(), T(1e-37), T(1) - std::numeric_limits<T>::epsilon() / 2}) {
    CAPTURE(y);
    auto const f = evaluate(TestType{}, log_sigmoid_mix{static_cast<double>(y)}, x);
    std::size_t not_finite = 0;
    for (auto const* part : {&f.value, &f.slope, &f.curvature})
      for (T v : *part) not_finite += !std::isfinite(v);
    CHECK(not_finite == 0);
  }
}

TEMPLATE_TEST_CASE("unit_power has full relative accuracy on all of [0, 1]", "", FOVEA_SCALARS_AND_BATCHES) {
  using T = typename TestType::value_type;
  auto const x = accuracy::every_probability<T>();
  std::vector<T> power(x.size());
  for (double gamma : {0., 0.1, 0.3, 0.5, 1., 1.5, 2., 4., 5., 17.25, 64.}) {
    TestType{}.for_each(fovea::domain<>({1, x.size()}), unit_power{gamma}, fovea::out{power.data()},
                        fovea::each{x.data()});
    accuracy::largest worst;
    for (std::size_t i = 0; i != x.size(); ++i) {
      exact const t = gamma == 0 ? 1 : std::pow(static_cast<exact>(x[i]), exact{gamma});
      worst.see(accuracy::relative_error(power[i], t), "at", x[i], "found", power[i], "not", t);
    }
    CAPTURE(gamma, worst.where());
    // half a rounding per integer power and per step that brings x near 1
    CHECK(worst.error() <= (6 + gamma / 2) * std::numeric_limits<T>::epsilon());
  }
}

TEMPLATE_TEST_CASE("primitives propagate NaN and return their limits at infinity", "", FOVEA_SCALARS_AND_BATCHES) {
  using T = typename TestType::value_type;
  T const nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  std::vector<T> const x(37, nan);
  auto const passes = [&](auto const& p) {
    auto const f = evaluate(TestType{}, p, x);
    std::size_t n = 0;
    for (auto const* part : {&f.plain, &f.value, &f.slope, &f.curvature})
      for (T v : *part) n += std::isnan(v);
    return n == 4 * x.size();
  };
  CHECK(passes(sigmoid{}));
  CHECK(passes(softplus{}));
  CHECK(passes(log_sigmoid{}));
  CHECK(passes(sigmoid_power{2}));
  CHECK(passes(sigmoid_power{0.5}));
  CHECK(passes(log_sigmoid_mix{0.3}));
  std::vector<T> power(x.size());
  for (double gamma : {0.5, 1., 2.5}) {
    TestType{}.for_each(fovea::domain<>({1, x.size()}), unit_power{gamma}, fovea::out{power.data()},
                        fovea::each{x.data()});
    CHECK(std::all_of(power.begin(), power.end(), [](T v) { return std::isnan(v); }));
  }

  auto const limits = [&](auto const& p) { return evaluate(TestType{}, p, std::vector<T>{-infinity, infinity}).plain; };
  CHECK(limits(sigmoid{}) == std::vector<T>{0, 1});
  CHECK(limits(softplus{}) == std::vector<T>{0, infinity});
  CHECK(limits(log_sigmoid{}) == std::vector<T>{-infinity, 0});
  CHECK(limits(sigmoid_power{2}) == std::vector<T>{0, 1});
  CHECK(limits(sigmoid_power{0}) == std::vector<T>{1, 1});
}

TEST_CASE("relu has value and slope 0 at 0 and for negative numbers") {
  auto const at = [](double x) { return fovea::value_and_slope([](auto v) { return math::relu(v); }, x); };
  CHECK((at(2).value == 2 && at(2).slope == 1));
  CHECK((at(0).value == 0 && at(0).slope == 0));
  CHECK((at(-2).value == 0 && at(-2).slope == 0));
}
