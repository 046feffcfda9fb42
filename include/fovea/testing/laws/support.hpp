// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <sstream>
#include <type_traits>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/tensor/copy.hpp>

#include <fovea/testing/report.hpp>

/// Helpers for the laws. A law is a function that returns if it holds, throws `broken_law` if it does not, and throws
/// `declined_law` if it cannot be checked.
namespace fovea::testing::laws {

using fovea::domain;
using sizes = std::initializer_list<std::size_t>;

template <class T> void write(std::ostream& to, T const& x) { to << x; }
inline void write(std::ostream& to, domain<> const& d) { to << d.extent(0) << " x " << d.extent(1); }

/// Throws `broken_law` with `where` as its text. Separate from `hold`, so that the loops of a law contain the test only.
template <class... Where> [[noreturn, gnu::cold, gnu::noinline]] void break_law(Where const&... where) {
  std::ostringstream text;
  text.precision(std::numeric_limits<long double>::digits10);
  (laws::write(text, where), ...);
  throw broken_law(text.str());
}
/// Throws `broken_law` unless the claim is true. `where` describes the claim; it is formatted only if the claim is false.
template <class... Where> void hold(bool claim, Where const&... where) {
  if (!claim) laws::break_law(where...);
}

/// True if a equals b or both are NaN.
template <class T> bool same(T a, T b) { return a == b || (a != a && b != b); }

/// Returns random bits, a function of i and seed.
inline std::uint64_t bits(std::size_t i, std::uint64_t seed) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15U + seed * 0xd1342543de82ef95U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// Returns n elements, each `draw(random bits)`.
template <class T, class Draw> std::vector<T> drawn(std::size_t n, std::uint64_t seed, Draw const& draw) {
  std::vector<T> all(n);
  for (std::size_t i = 0; i != n; ++i) all[i] = static_cast<T>(draw(bits(i, seed)));
  return all;
}
/// Returns integers from -8 to 8: sums of up to 10^6 of them, and a quarter of a product of two, are exact.
template <class T> std::vector<T> integers(std::size_t n, std::uint64_t seed) {
  return drawn<T>(n, seed, [](std::uint64_t b) { return static_cast<int>(b % 17) - 8; });
}
/// Returns numbers of full precision in [low, high).
template <class T> std::vector<T> reals(std::size_t n, std::uint64_t seed, double low = -2, double high = 2) {
  return drawn<T>(n, seed,
                  [=](std::uint64_t b) { return low + (high - low) * static_cast<double>(b >> 11) * 0x1p-53; });
}

/// Elements in the backend's memory between two guards. They begin `guards + offset` elements after the start of the
/// allocation: an odd offset misaligns them.
template <class B, class T> class buffer {
 public:
  buffer(B const& b, std::vector<T> const& values, std::size_t offset = 1)
      : b_(b), size_(values.size()), front_(guards + offset),
        all_(b.template empty<T>(std::array<std::size_t, 1>{front_ + size_ + guards})) {
    std::vector<T> whole(front_ + size_ + guards, guard());
    std::copy(values.begin(), values.end(), whole.begin() + static_cast<std::ptrdiff_t>(front_));
    fovea::copy(whole, all_);
  }
  T* data() { return fovea::data(all_) + front_; }
  T const* read() const { return fovea::data(all_) + front_; }

  /// Returns the elements. Throws `broken_law` if a guard was written.
  std::vector<T> get() const {
    std::vector<T> whole(front_ + size_ + guards);
    b_.synchronize();
    fovea::copy(all_, whole);
    auto const begin = whole.begin() + static_cast<std::ptrdiff_t>(front_),
               end = begin + static_cast<std::ptrdiff_t>(size_);
    auto const is_guard = [](T x) { return x == guard(); };
    hold(std::all_of(whole.begin(), begin, is_guard), "elements before the first of ", size_, " were written");
    hold(std::all_of(end, whole.end(), is_guard), "elements after the last of ", size_, " were written");
    return {begin, end};
  }

 private:
  static constexpr std::size_t guards = 64;
  static constexpr T guard() {
    if constexpr (std::is_arithmetic_v<T>) return T(77);
    else return T{};
  }
  B b_;
  std::size_t size_, front_;
  typename B::template tensor<T, 1> all_;
};

template <class T> inline constexpr T nan = std::numeric_limits<T>::quiet_NaN();
template <class T> inline constexpr T infinity = std::numeric_limits<T>::infinity();
/// The largest relative error of one rounding to T.
template <class T> inline constexpr long double rounding = std::numeric_limits<T>::epsilon() / 2;

/// Returns domains with every kind of tail, and a few large enough for several chunks of any reasonable backend, in order of
/// size.
inline std::vector<domain<>> const& domains() {
  static std::vector<domain<>> const all = [] {
    std::vector<domain<>> some;
    for (std::size_t columns : sizes{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 129, 1030, 2100})
      for (std::size_t rows : sizes{1, 2, 3, 5, 16, 17, 127, 128, 1000})
        if (rows * columns <= 40000) some.push_back(domain<>({rows, columns}));
    for (auto large : {std::array<std::size_t, 2>{70000, 3},
                       {3, 70000},
                       {200000, 1},
                       {1, 200000},
                       {1000, 129},
                       {130, 1030},
                       {3000, 33}})
      some.push_back(domain<>(large));
    std::stable_sort(some.begin(), some.end(), [](auto const& a, auto const& b) { return a.size() < b.size(); });
    return some;
  }();
  return all;
}
inline std::array<domain<>, 5> empty_domains() {
  return {domain<>({0, 0}), domain<>({0, 1}), domain<>({1, 0}), domain<>({0, 17}), domain<>({5, 0})};
}

/// Throws `broken_law` unless every element is `expected(row, column)`.
template <class T, class Expected>
void compare(char const* what, domain<> const& d, std::vector<T> const& got, Expected const& expected) {
  for (std::size_t r = 0; r != d.extent(0); ++r)
    for (std::size_t c = 0; c != d.extent(1); ++c) {
      auto const want = static_cast<T>(expected(r, c));
      auto const is = got[r * d.extent(1) + c];
      hold(same(is, want), what, ", ", d, ", row ", r, ", column ", c, ": ", is, " instead of ", want);
    }
}
template <class T>
void compare(char const* what, domain<> const& d, std::vector<T> const& got, std::vector<T> const& want) {
  laws::compare(what, d, got, [&](std::size_t r, std::size_t c) { return want[r * d.extent(1) + c]; });
}

}  // namespace fovea::testing::laws
