// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/losses/value_and_gradient.hpp>

#include "../catch.hpp"
#include "../scalar/accuracy.hpp"
#include "../scalar/xtensor.hpp"

/// Scalar and SIMD code, in float and in double.
#define FOVEA_LOSS_BACKENDS \
  fovea::host_backend<float>, fovea::host_backend<double>, fovea::xtensor_backend<float>, fovea::xtensor_backend<double>

/// Every element's loss, slope and curvature.
template <class T> struct evaluated {
  std::vector<T> values, slopes, curvatures;

  template <class B, class L>
  evaluated(B const& b, L const& loss, std::vector<T> const& x, std::vector<T> const& y)
      : values(fovea::values(b, loss, x, y)), slopes(x.size()), curvatures(x.size()) {
    fovea::value_gradient_and_hessian(b, loss, x, y, slopes, curvatures, fovea::reduction::sum);
  }
  template <class B, class L>
  evaluated(B const& b, L const& loss, std::vector<T> const& x, T y)
      : evaluated(b, loss, x, std::vector<T>(x.size(), y)) {}

  /// The number of results that are NaN or infinite.
  std::size_t not_finite() const {
    std::size_t n = 0;
    for (auto const* part : {&values, &slopes, &curvatures})
      for (T v : *part) n += !std::isfinite(v);
    return n;
  }
};

/// The exact results at one element. Errors are measured relative to a scale, which is the result itself unless terms cancel.
struct truth {
  accuracy::exact value, slope, curvature;
  accuracy::exact value_scale = value, slope_scale = slope, curvature_scale = curvature;
};

/// The largest errors over all elements; curvatures count only where |x| is at most `curvatures_to`.
struct errors {
  accuracy::largest value, slope, curvature;

  template <class T, class Truth>
  void see(evaluated<T> const& found, std::vector<T> const& x, accuracy::exact curvatures_to, Truth const& truth_at) {
    using accuracy::error_against;
    for (std::size_t i = 0; i != x.size(); ++i) {
      truth const t = truth_at(static_cast<accuracy::exact>(x[i]));
      value.see(error_against(found.values[i], t.value, t.value_scale), "at", x[i], "found", found.values[i], "not",
                t.value);
      slope.see(error_against(found.slopes[i], t.slope, t.slope_scale), "at", x[i], "found", found.slopes[i], "not",
                t.slope);
      if (std::fabs(static_cast<accuracy::exact>(x[i])) <= curvatures_to)
        curvature.see(error_against(found.curvatures[i], t.curvature, t.curvature_scale), "at", x[i], "found",
                      found.curvatures[i], "not", t.curvature);
    }
  }
};

/// PyTorch's reference values, row-major.
inline std::vector<double> fixture(std::string const& name) {
  return fovea::read_npy<double>(std::string(FOVEA_FIXTURES_DIR) + "/torch/losses/" + name + ".npy").values;
}
/// Row i of a fixture with one row per setting of the loss.
inline std::vector<double> fixture_row(std::string const& name, std::size_t i, std::size_t columns) {
  auto const all = fixture(name);
  REQUIRE(all.size() >= (i + 1) * columns);
  auto const first = all.begin() + static_cast<std::ptrdiff_t>(i * columns);
  return {first, first + static_cast<std::ptrdiff_t>(columns)};
}

/// The largest relative difference from a fixture over all i with `asked(i)`, after subtracting an absolute tolerance of
/// 5e-16.
template <class Asked>
accuracy::largest difference(std::vector<double> const& found, std::vector<double> const& expected,
                             Asked const& asked) {
  REQUIRE(found.size() == expected.size());
  accuracy::largest worst;
  for (std::size_t i = 0; i != found.size(); ++i)
    if (asked(i))
      worst.see((std::fabs(found[i] - expected[i]) - 5e-16) / std::fabs(expected[i]), "at", i, "found", found[i], "not",
                expected[i]);
  return worst;
}
inline accuracy::largest difference(std::vector<double> const& found, std::vector<double> const& expected) {
  return difference(found, expected, [](std::size_t) { return true; });
}
