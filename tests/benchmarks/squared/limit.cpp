// SPDX-License-Identifier: MIT
#include "../common/elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  three_arrays arrays(o);
  return timing::answer(o, {arrays.stream_add()});
}
