// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  auto const file = inputs::csv_file();
  return timing::answer(o, {{.name = "csv", .run = [&] { timing::keep(fovea::read_csv(file).rows()); }}});
}
