// SPDX-License-Identifier: MIT
#include "../common/adam_arrays.hpp"
#include "../common/hand_network.hpp"
#include "../common/parallel.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  adam_arrays a;
  int step = 0;
  auto const run = [&](float decay) {
    ++step;
    in_parts(a.p.size(), o.threads, [&](std::size_t first, std::size_t last) {
      by_hand::adam(last - first, a.p.data() + first, a.g.data() + first, a.m.data() + first, a.v.data() + first, step,
                    decay);
    });
    timing::keep(a.p);
  };
  return timing::answer(o, {{.name = "adam", .run = [&] { run(0); }}, {.name = "adamw", .run = [&] { run(0.01f); }}});
}
