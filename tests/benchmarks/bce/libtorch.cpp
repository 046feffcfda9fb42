// SPDX-License-Identifier: MIT
#include "../common/libtorch_elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  auto const loss = [](auto const& z, auto const& y) { return with_libtorch::bce(z, y); };
  return timing::answer(o, {with_libtorch::elementwise("bce", loss)});
}
