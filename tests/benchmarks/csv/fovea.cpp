// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  auto const text = inputs::csv();
  return timing::answer(o, {{.name = "csv", .run = [&] { timing::keep(fovea::parse_csv(text, "benchmark").rows()); }}});
}
