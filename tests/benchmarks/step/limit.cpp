// SPDX-License-Identifier: MIT
#include "../common/products.hpp"
#include "../common/timing.hpp"
#include "../sizes.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(1);  // more threads are slower on products this small
  products all(sizes::widths, sizes::batch);
  constexpr int times = 100;
  auto const run = [&] {
    for (int i = 0; i != times; ++i) all.forward(), all.backward(), timing::keep(all);
  };
  return timing::answer(o, {{.name = "its eight cblas_sgemm calls", .run = run, .each = times}});
}
