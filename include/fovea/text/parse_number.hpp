// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cfloat>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <system_error>
#if !defined(__cpp_lib_to_chars)
#include <fovea/text/parse_number_portably.hpp>
#endif

namespace fovea {

/// True if the standard library's `from_chars` reads a `T`. Counter-example: double in libc++ before 20.
template <class T>
concept has_from_chars = requires(char const* text, T& to) { std::from_chars(text, text, to); };

/// The number formed by the leading digits of eight characters, and the count of these digits. Computes on all eight
/// characters at once.
struct leading_digits {
  std::uint64_t value;
  int count;
  /// Reads eight characters from `at`. Correct on little-endian machines only.
  explicit leading_digits(char const* at) {
    std::memcpy(&value, at, sizeof value);
    value ^= 0x3030'3030'3030'3030;  // turns a digit into 0 to 9, other bytes into 10 or more: + 0x76 sets the top bit
    auto const others = (value | (value + 0x7676'7676'7676'7676)) & 0x8080'8080'8080'8080;
    count = std::countr_zero(others) / 8;
    value = count == 0 ? 0 : value << (64 - 8 * count);  // moves the last digit to the top byte, zeros before the first
    value = value * (10 * 0x100 + 1) >> 8 & 0x00FF'00FF'00FF'00FF;
    value = value * (100 * 0x1'0000 + 1) >> 16 & 0x0000'FFFF'0000'FFFF;
    value = value * (10'000 * 0x1'0000'0000 + 1) >> 32;
  }
};

/// Reads a decimal without an exponent, such as "-1.3598071336738", and returns its end. The digits and the power of ten
/// that divides them must be exact in double, so that their quotient is the nearest double (Clinger 1990). Returns null
/// and leaves `to` unchanged for any other text, and if fewer than 32 characters are left. Branches on the form of the
/// number on purpose: the numbers in a file are alike, so the processor predicts where the next one begins.
inline char const* parse_plain_decimal(char const* first, char const* last, double& to) {
  static constexpr double tens[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
  static constexpr std::uint64_t whole_tens[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  if (last - first < 32) return nullptr;
  auto const negative = *first == '-';
  auto at = first + negative;
  std::uint64_t digits = 0;
  auto decimals = 0, whole = 1;
  if (at[1] == '.' && *at >= '0' && *at <= '9') {
    digits = static_cast<std::uint64_t>(*at - '0');
  } else {
    leading_digits const front(at);
    if (front.count == 0 || front.count == 8) return nullptr;
    digits = front.value, whole = front.count;
  }
  at += whole;
  if (*at == '.') {
    leading_digits const front(++at), back(at + 8);
    digits = digits * whole_tens[front.count] + front.value;
    decimals = front.count;
    if (front.count == 8) {
      digits = digits * whole_tens[back.count] + back.value;
      decimals += back.count;
    }
    at += decimals;
  }
  auto const goes_on = (*at >= '0' && *at <= '9') || *at == 'e' || *at == 'E';
  if (goes_on || whole + decimals > 18 || digits > std::uint64_t{1} << 53) return nullptr;
  auto const magnitude = static_cast<double>(digits) / tens[decimals];
  to = negative ? -magnitude : magnitude;
  return at;
}

/// Returns whether a decimal number is below 1 in magnitude, by its leading digit's power of ten.
inline bool is_below_one(char const* first, char const* last) {
  long long power = 0, exponent = 0;
  bool has_point = false, has_digits = false;
  auto at = first + (first != last && *first == '-');
  for (; at != last && *at != 'e' && *at != 'E'; ++at) {
    if (*at == '.') has_point = true;
    else if (has_digits || *at != '0') has_digits = true, power += !has_point;
    else power -= has_point;
  }
  if (at != last) ++at;
  auto const negative = at != last && *at == '-';
  for (; at != last; ++at)
    if (*at >= '0' && *at <= '9' && exponent < 1'000'000'000'000) exponent = exponent * 10 + (*at - '0');
  return power + (negative ? -exponent : exponent) <= 0;
}

/// Reads a decimal number like `std::from_chars`, but also accepts a leading '+', and rounds a number that is too small for a T to 0
/// or -0, as `std::strtod` does, where `std::from_chars` calls it out of range.
template <class T = double> std::from_chars_result parse_number(char const* first, char const* last, T& to) {
  if (last - first > 1 && *first == '+' && first[1] != '-') ++first;
  if constexpr (std::same_as<T, double> && std::endian::native == std::endian::little && FLT_EVAL_METHOD == 0)
    if (auto const end = parse_plain_decimal(first, last, to)) return {end, std::errc{}};
  std::from_chars_result found;
  if constexpr (has_from_chars<T>) found = std::from_chars(first, last, to);
  else found = parse_number_portably(first, last, to);
  if (found.ec == std::errc::result_out_of_range && is_below_one(first, found.ptr)) {
    to = *first == '-' ? -T(0) : T(0);
    found.ec = {};
  }
  return found;
}

}  // namespace fovea
