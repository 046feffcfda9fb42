// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_fovea::elementwise<float, fovea::mean_squared_error> single{{{.threads = o.threads}}, {}};
  with_fovea::elementwise<double, fovea::mean_squared_error> twice{{{.threads = o.threads}}, {}};
  return timing::answer(o, {single.row("squared"), twice.row("squared, double")});
}
