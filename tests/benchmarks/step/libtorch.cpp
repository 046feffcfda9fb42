// SPDX-License-Identifier: MIT
#include "../common/inputs.hpp"
#include "../common/libtorch_common.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  auto const x = with_libtorch::tensor(sizes::rows, sizes::features), y = with_libtorch::tensor(sizes::rows, 1);
  inputs::features(with_libtorch::span(x));
  inputs::rare(with_libtorch::span(y));
  auto net = with_libtorch::network(sizes::widths);
  torch::optim::Adam adam(net->parameters(), torch::optim::AdamOptions(1e-3));
  constexpr long steps = 100;
  auto const run = [&](auto const& loss) {
    auto const order = torch::randperm(static_cast<long>(sizes::rows));
    for (auto const& rows : order.slice(0, 0, steps * static_cast<long>(sizes::batch)).chunk(steps)) {
      adam.zero_grad();
      loss(net->forward(x.index_select(0, rows)), y.index_select(0, rows)).backward();
      adam.step();
    }
  };
  auto const focal = [](auto const& z, auto const& t) { return with_libtorch::focal(z, t, 4); };
  return timing::answer(o, {{.name = "bce", .run = [&] { run(with_libtorch::bce); }, .each = steps},
                            {.name = "focal", .run = [&] { run(focal); }, .each = steps}});
}
