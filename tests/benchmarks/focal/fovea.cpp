// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  using focal = fovea::sigmoid_focal_loss;
  with_fovea::elementwise<float, focal> whole{{{.threads = o.threads}}, {.gamma = 2}},
      power{{{.threads = o.threads}}, {.gamma = 1.5}};
  with_fovea::elementwise<double, focal> twice{{{.threads = o.threads}}, {.gamma = 2}};
  auto const value = [&] { timing::keep(fovea::value(whole.b, whole.loss, whole.z, whole.y)); };
  return timing::answer(o, {whole.row("gamma 2"),
                            power.row("gamma 1.5"),
                            twice.row("gamma 2, double"),
                            {.name = "gamma 2, value", .run = value}});
}
