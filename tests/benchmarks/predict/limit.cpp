// SPDX-License-Identifier: MIT
#include "../common/products.hpp"
#include "../common/timing.hpp"
#include "../sizes.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(1);  // more threads are slower on products this small
  products all(sizes::widths, sizes::predicted_batch);
  auto const run = [&] { all.forward(), timing::keep(all); };
  return timing::answer(
      o, {{.name = "its products, in batches of 512",
           .run = run,
           .each = static_cast<double>(sizes::predicted_batch) / static_cast<double>(sizes::predicted_rows)}});
}
