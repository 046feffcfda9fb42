// SPDX-License-Identifier: MIT
#include "../common/adam_arrays.hpp"
#include "../common/streams.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  adam_arrays a;
  auto const run = [&] {
    in_parts(a.p.size(), o.threads, [&](std::size_t first, std::size_t last) {
      streams::four_and_three(a.p.data() + first, a.m.data() + first, a.v.data() + first, a.g.data() + first,
                              last - first);
    });
    timing::keep(a.p);
  };
  return timing::answer(o, {{.name = "a stream of 4 reads, 3 writes", .run = run}});
}
