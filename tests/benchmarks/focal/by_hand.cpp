// SPDX-License-Identifier: MIT
#include "../common/elementwise.hpp"
#include "../common/hand_formulas.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  three_arrays arrays(o);
  auto const focal = [](float gamma) { return [gamma](float z, float y) { return by_hand::focal(z, y, gamma); }; };
  return timing::answer(o, {arrays.row("gamma 2", focal(2)), arrays.row("gamma 1.5", focal(1.5f))});
}
