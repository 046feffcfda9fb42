// SPDX-License-Identifier: MIT
#include "../common/elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  three_arrays arrays(o);
  auto const sum = [&] {
    in_parts(arrays.z.size(), o.threads, [&](std::size_t first, std::size_t last) {
      timing::keep(streams::sum(arrays.z.data() + first, arrays.y.data() + first, last - first));
    });
  };
  return timing::answer(o, {arrays.stream_add(), {.name = "a stream sum", .run = sum}});
}
