// SPDX-License-Identifier: MIT
#include "../common/libtorch_elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  auto const focal = [](double gamma) {
    return [gamma](auto const& z, auto const& y) { return with_libtorch::focal(z, y, gamma); };
  };
  return timing::answer(
      o, {with_libtorch::elementwise("gamma 2", focal(2)), with_libtorch::elementwise("gamma 1.5", focal(1.5))});
}
