// SPDX-License-Identifier: MIT
#include <charconv>

#include "../common/inputs.hpp"
#include "../common/timing.hpp"

namespace {

/// Parses every number of a text in order and returns their sum.
double parse(std::string const& text) {
  double total = 0;
  auto const* const end = text.data() + text.size();
  for (auto const* at = text.data() + text.find('\n') + 1; at < end;) {
    double value = 0;
    at = std::from_chars(at, end, value).ptr + 1;
    total += value;
  }
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  auto const text = inputs::csv();
  return timing::answer(o, {{.name = "std::from_chars alone", .run = [&] { timing::keep(parse(text)); }}});
}
