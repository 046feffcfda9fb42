// SPDX-License-Identifier: MIT
#include "../common/inputs.hpp"
#include "../common/libtorch_common.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  torch::NoGradGuard const no_gradient;
  auto const x = with_libtorch::tensor(sizes::predicted_rows, sizes::features);
  inputs::features(with_libtorch::span(x));
  auto const first = x.slice(0, 0, 1);
  auto net = with_libtorch::network(sizes::widths);
  constexpr int times = 100;
  auto const one = [&] {
    for (int i = 0; i != times; ++i) torch::sigmoid(net->forward(first));
  };
  return timing::answer(o, {{.name = "10^6 rows", .run = [&] { torch::sigmoid(net->forward(x)); }},
                            {.name = "one row", .run = one, .each = times}});
}
