// SPDX-License-Identifier: MIT
#include "../common/hand_network.hpp"
#include "../common/inputs.hpp"
#include "../common/products.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(o.threads);
  by_hand::network net(sizes::wide_widths, sizes::wide_batch);
  std::vector<float> y(sizes::wide_batch * sizes::wide_widths[3]);
  inputs::features(std::span(net.input(), sizes::wide_batch * sizes::wide_widths[0]));
  inputs::rare(std::span(y));
  auto const run = [&] { timing::keep(net.step(sizes::wide_batch, y.data(), by_hand::bce)); };
  return timing::answer(o, {{.name = "wide", .run = run}});
}
