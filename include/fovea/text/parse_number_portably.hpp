// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace fovea {

namespace detail {

inline char const* skip_digits(char const* at, char const* last) {
  return std::find_if_not(at, last, [](char c) { return c >= '0' && c <= '9'; });
}

/// Returns the end of the unsigned decimal number that begins at `first`, or `first` if no number does.
inline char const* end_of_decimal(char const* first, char const* last) {
  auto at = skip_digits(first, last);
  auto digits = at - first;
  if (at != last && *at == '.') {
    auto const fraction = at + 1;
    at = skip_digits(fraction, last);
    digits += at - fraction;
  }
  if (digits == 0) return first;
  if (at != last && (*at == 'e' || *at == 'E')) {
    auto exponent = at + 1;
    if (exponent != last && (*exponent == '+' || *exponent == '-')) ++exponent;
    if (auto const end = skip_digits(exponent, last); end != exponent) at = end;
  }
  return at;
}

/// True if the text begins with `word`, ignoring case. `word` must be in lower case.
inline bool begins_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char w, char t) { return w == (t | 0x20); });
}

}  // namespace detail

/// Replaces `std::from_chars(first, last, to)` in standard libraries without it. Gives the same values (also for "inf"
/// and "nan"), end pointer and error code in every locale, but is slower.
inline std::from_chars_result parse_number_portably(char const* first, char const* last, double& to) {
  auto const negative = first != last && *first == '-';
  auto const digits = first + negative;
  auto const store = [&](double magnitude) { to = negative ? -magnitude : magnitude; };
  for (std::string_view word : {"infinity", "inf", "nan"})
    if (detail::begins_with({digits, last}, word)) {
      store(word == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity());
      return {digits + word.size(), std::errc{}};
    }

  auto const end = detail::end_of_decimal(digits, last);
  if (end == digits) return {first, std::errc::invalid_argument};
  std::istringstream in(std::string(digits, end));
  in.imbue(std::locale::classic());
  double magnitude = 0;
  in >> magnitude;
  auto const mantissa = std::string_view(digits, end).substr(0, std::string_view(digits, end).find_first_of("eE"));
  auto const too_large = in.fail() && magnitude >= (std::numeric_limits<double>::max)();
  auto const too_small = magnitude == 0 && mantissa.find_first_of("123456789") != std::string_view::npos;
  if (too_large || too_small) return {end, std::errc::result_out_of_range};
  store(magnitude);  // even if the stream failed: libc++ reports failure for a subnormal number
  return {end, std::errc{}};
}

}  // namespace fovea
