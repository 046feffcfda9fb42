// SPDX-License-Identifier: MIT
#include "../common/products.hpp"
#include "../common/timing.hpp"
#include "../sizes.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(o.threads);
  products all(sizes::wide_widths, sizes::wide_batch);
  auto const run = [&] { all.forward(), all.backward(), timing::keep(all); };
  return timing::answer(o, {{.name = "its products alone", .run = run}});
}
