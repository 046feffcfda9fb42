// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_fovea::elementwise<float, fovea::sigmoid_binary_cross_entropy> loss{{{.threads = o.threads}}, {}};
  return timing::answer(o, {loss.row("bce")});
}
