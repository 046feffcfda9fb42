// SPDX-License-Identifier: MIT
#include "../common/libtorch_common.hpp"
#include "../common/timing.hpp"
#include "../sizes.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  auto parameters = torch::rand({static_cast<long>(sizes::elements)}, torch::requires_grad());
  parameters.mutable_grad() = torch::rand({static_cast<long>(sizes::elements)});
  torch::optim::Adam adam({parameters}, torch::optim::AdamOptions(1e-3));
  torch::optim::AdamW adamw({parameters}, torch::optim::AdamWOptions(1e-3));
  return timing::answer(
      o, {{.name = "adam", .run = [&] { adam.step(); }}, {.name = "adamw", .run = [&] { adamw.step(); }}});
}
