// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

/// Test points and error measures for floating-point accuracy. Exact values are long double.
namespace accuracy {

using exact = long double;

/// Every power of two of float, or every fifth of double, including subnormal ones, times a few mantissas, with both
/// signs; both zeros; the largest and the smallest number.
template <class T> std::vector<T> every_exponent() {
  using limits = std::numeric_limits<T>;
  std::vector<T> all{T(0), limits::max(), limits::denorm_min(), limits::min()};
  for (int e = limits::min_exponent - limits::digits; e < limits::max_exponent; e += sizeof(T) == 4 ? 1 : 5)
    for (T mantissa : {T(1), T(1.2711), T(1.5703125), T(1.9137)}) all.push_back(std::ldexp(mantissa, e));
  for (auto i = all.size(); i != 0; --i) all.push_back(-all[i - 1]);
  return all;
}

/// n evenly spaced numbers from first to last.
template <class T> std::vector<T> spread(exact first, exact last, int n) {
  std::vector<T> all;
  for (int i = 0; i != n; ++i) all.push_back(static_cast<T>(first + (last - first) * i / (n - 1)));
  return all;
}

/// Numbers of every exponent, with dense samples where exp(x) is neither 0 nor infinite.
template <class T> std::vector<T> every_logit() {
  auto all = every_exponent<T>();
  exact const end = 1.2L * std::log(static_cast<exact>(std::numeric_limits<T>::max()));
  for (auto part : {spread<T>(-end, end, 1501), spread<T>(-20, 20, 2003)})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Samples of [0, 1]: both ends, every exponent, evenly spaced numbers, and numbers that approach 1.
template <class T> std::vector<T> every_probability() {
  std::vector<T> all{T(1)};
  for (T x : every_exponent<T>())
    if (x >= 0 && x < 1) all.push_back(x);
  for (T x : spread<T>(0, 1, 2001)) all.push_back(x);
  for (int bits = 1; bits <= std::numeric_limits<T>::digits; ++bits)
    for (T mantissa : {T(1), T(1.43)}) all.push_back(T(1) - std::ldexp(mantissa, -bits));
  return all;
}

/// The largest error of a sweep and its position.
class largest {
 public:
  /// Records an error; NaN counts as infinite.
  template <class... Where> void see(exact error, Where const&... where) {
    if (error <= error_) return;
    error_ = error < std::numeric_limits<exact>::infinity() ? error : std::numeric_limits<exact>::infinity();
    std::ostringstream text;
    text.precision(9);
    text << error;
    ((text << ' ' << where), ...);
    where_ = text.str();
  }
  double error() const { return static_cast<double>(error_); }
  std::string const& where() const { return where_; }

 private:
  exact error_ = 0;
  std::string where_;
};

/// The error of `found` relative to a scale. If the scale is below the normal numbers of T, where relative accuracy is
/// lost, an absolute error up to the smallest normal number counts as 0.
template <class T> exact error_against(T found, exact truth, exact scale) {
  if (!(std::fabs(scale) < std::numeric_limits<T>::min()))
    return std::fabs(static_cast<exact>(found) - truth) / std::fabs(scale);
  return std::fabs(static_cast<exact>(found) - truth) <= std::numeric_limits<T>::min()
             ? 0
             : std::numeric_limits<exact>::infinity();
}
template <class T> exact relative_error(T found, exact truth) { return error_against(found, truth, truth); }

/// The relative accuracy that the library promises for its losses, in float and in double.
template <class T> inline constexpr double promised = sizeof(T) == 4 ? 1e-6 : 1e-13;

inline exact sigmoid(exact x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
inline exact softplus(exact x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

}  // namespace accuracy
