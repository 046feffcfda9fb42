// SPDX-License-Identifier: MIT
#include "../common/inputs.hpp"
#include "../common/libtorch_common.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  auto const x = with_libtorch::tensor(sizes::wide_batch, sizes::wide_widths[0]),
             y = with_libtorch::tensor(sizes::wide_batch, sizes::wide_widths[3]);
  inputs::features(with_libtorch::span(x));
  inputs::rare(with_libtorch::span(y));
  auto net = with_libtorch::network(sizes::wide_widths);
  torch::optim::Adam adam(net->parameters(), torch::optim::AdamOptions(1e-3));
  auto const run = [&] {
    adam.zero_grad();
    with_libtorch::bce(net->forward(x), y).backward();
    adam.step();
  };
  return timing::answer(o, {{.name = "wide", .run = run}});
}
