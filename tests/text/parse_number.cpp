// SPDX-License-Identifier: MIT
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <locale>
#include <random>
#include <string>
#include <system_error>

#include <fovea/error.hpp>
#include <fovea/text/parse_number.hpp>
#include <fovea/text/parse_number_portably.hpp>

#include "../catch.hpp"

namespace {

/// Returns the result of `read` on a text: the number's bits, the length parsed, and the error.
template <class Read> std::string outcome(Read read, std::string const& text) {
  double value = 0.125;
  auto const [end, error] = read(text.data(), text.data() + text.size(), value);
  auto const bits = std::isnan(value) ? 1 : std::bit_cast<std::uint64_t>(value);
  return std::to_string(bits) + " after " + std::to_string(end - text.data()) + ", error " +
         std::to_string(static_cast<int>(error));
}

auto const standard = [](auto a, auto b, auto& value) {
  if constexpr (fovea::has_from_chars<double>) return std::from_chars(a, b, value);
  else return fovea::parse_number_portably(a, b, value);
};

std::string const awkward[] = {
    "0",
    "-0",
    "1",
    "-1.5",
    ".5",
    "5.",
    ".",
    "-.",
    "-",
    "",
    "e5",
    "1e",
    "1e+",
    "1e-",
    "1e5",
    "1E-5",
    "1e+5x",
    "1.2.3",
    "--1",
    "+1",
    "0x10",
    "1,5",
    "1 ",
    " 1",
    "inf",
    "-INF",
    "infinity",
    "infinit",
    "Infinity,",
    "nan",
    "-nan",
    "NaN1",
    "na",
    "1e999",
    "-1e999",
    "1e-999",
    "0e-999",
    "0e999",
    "1e400abc",
    "1e308",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "4.9406564584124654e-324",
    "2e-324",
    "-2e-324",
    "2.2250738585072011e-308",
    "1e-310",
    "9007199254740993",
    "0.1000000000000000055511151231257827021181583404541015625",
    "00000000000000000000000000001",
    "1e00000000000000000001",
    "1d5",
    "1_000",
    "\0001",
};

}  // namespace

TEST_CASE("parse_number accepts one leading plus") {
  double value = 0;
  std::string const number = "+1.5,";
  auto const [end, error] = fovea::parse_number(number.data(), number.data() + number.size(), value);
  CHECK(error == std::errc{});
  CHECK(end == number.data() + 4);
  CHECK(value == 1.5);
  for (std::string const text : {"+-1", "++1", "+", "-+1", "+e5"})
    CHECK(fovea::parse_number(text.data(), text.data() + text.size(), value).ec == std::errc::invalid_argument);
}

TEST_CASE("parse_number rounds a number that is too small as strtod does, and refuses one that is too large") {
  for (auto const& digits : {"1e-400", "1e-324", "2e-324", "2.4703282292062327e-324", "3e-324", "4.9e-324", "1e-310",
                             "1e-99999999999999999999", "0e999", "0.00e-999", "1e308", "1.7976931348623157e308",
                             "1e309", "1.8e308", "1e99999999999999999999"})
    for (std::string const& text : {std::string(digits), "-" + std::string(digits), std::string(400, '0') + digits}) {
      CAPTURE(text);
      double value = 0.125;
      auto const [end, error] = fovea::parse_number(text.data(), text.data() + text.size(), value);
      auto const truth = std::strtod(text.c_str(), nullptr);
      CHECK(end == text.data() + text.size());
      CHECK((error == std::errc{}) == std::isfinite(truth));
      if (std::isfinite(truth)) CHECK(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(truth));
    }
  for (auto const& text : {"0." + std::string(400, '0') + "1", "0." + std::string(400, '0') + "1e395",
                           std::string("1") + std::string(400, '0') + "e-100",
                           std::string("1") + std::string(400, '0') + "e-800", std::string(310, '9') + ".5"}) {
    CAPTURE(text);
    double value = 0.125;
    auto const error = fovea::parse_number(text.data(), text.data() + text.size(), value).ec;
    auto const truth = std::strtod(text.c_str(), nullptr);
    CHECK((error == std::errc{}) == std::isfinite(truth));
    if (std::isfinite(truth)) CHECK(value == truth);
  }
}

TEST_CASE("parse_number reads plain decimals exactly, inside a text and at its end") {
  auto const ours = [](auto a, auto b, auto& value) { return fovea::parse_number(a, b, value); };
  std::mt19937_64 random(2);
  std::size_t plain = 0;
  for (int i = 0; i < 200'000; ++i) {
    char text[64];
    auto const magnitude = std::pow(10.0, static_cast<double>(random() % 10)) / 10;
    auto const value = (static_cast<double>(random() >> 11) * 0x1p-52 - 1) * magnitude;
    auto const size = std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random() % 20), value);
    auto number = std::string(text, static_cast<std::size_t>(size));
    if (random() % 16 == 0) number[random() % number.size()] = "e.-,5"[random() % 5];
    number += std::string(",\ne.7 ").substr(random() % 6) + std::string(random() % 40, '0');
    double ignored = 0;
    plain += fovea::parse_plain_decimal(number.data(), number.data() + number.size(), ignored) != nullptr;
    if (outcome(ours, number) != outcome(standard, number)) FAIL_CHECK(number);
  }
  CHECK(plain > 50'000);
}

TEST_CASE("parse_number_portably agrees with std::from_chars") {
  for (auto const& text : awkward) {
    CAPTURE(text);
    CHECK(outcome(fovea::parse_number_portably, text) == outcome(standard, text));
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    auto const value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    char text[64];
    auto const size = std::snprintf(text, sizeof text, i % 2 ? "%.17g" : "%.6e", value);
    std::string const number(text, static_cast<std::size_t>(size));
    if (outcome(fovea::parse_number_portably, number) != outcome(standard, number)) FAIL_CHECK(number);
  }
}

TEST_CASE("parse_number_portably reads a decimal point in every locale") {
  struct comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  auto const before = std::locale::global(std::locale(std::locale::classic(), new comma));
  double value = 0;
  std::string const text = "1.500,";
  auto const end = fovea::parse_number_portably(text.data(), text.data() + text.size(), value).ptr;
  std::locale::global(before);
  CHECK(value == 1.5);
  CHECK(end == text.data() + 5);
}

TEST_CASE("a message is one line of printable characters") {
  auto const shown = [](std::string const& text) { return std::string(fovea::argument_error(text).what()); };
  for (auto const* same : {"", "plain", "\u00e9\u011b\u65e5\U0001F600\u00a0", "\xc3\xa9"}) CHECK(shown(same) == same);
  CHECK(shown("a\nb\x1b[31m\x7f") == "a\\x0ab\\x1b[31m\\x7f");
  CHECK(shown("\x9b\xc2\x9b\xc2\x80|") == "\\x9b\\xc2\\x9b\\xc2\\x80|");  // C1, raw and in UTF-8
  CHECK(shown("\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6") ==
        "\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xe2\\x81\\xa6");  // ends a line, turns it
  for (std::string const wrong :
       {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xe6\x97", "\xff"}) {
    CHECK(shown(wrong).size() == 4 * wrong.size());
    CHECK(shown(wrong + "z").ends_with("z"));
  }
}
