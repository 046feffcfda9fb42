// SPDX-License-Identifier: MIT
// Writes the fraud example's synthetic stand-in to standard output as CSV with the real table's columns.
#include <cstdio>

#include "../../examples/fraud/stand_in.hpp"

int main() {
  auto const rows = fraud::stand_in();
  for (std::size_t c = 0; c != rows.names.size(); ++c) std::printf("%s%s", c ? "," : "", rows.names[c].c_str());
  for (std::size_t r = 0; r != rows.rows(); ++r)
    for (std::size_t c = 0; c != rows.columns.size(); ++c) std::printf("%c%.9g", c ? ',' : '\n', rows.columns[c][r]);
  std::putchar('\n');
  return std::fflush(stdout) == 0 ? 0 : 1;
}
