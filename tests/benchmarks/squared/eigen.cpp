// SPDX-License-Identifier: MIT
#include "../common/eigen_elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  return timing::answer(o, {with_eigen::elementwise("squared", [](auto const& z, auto const& y, auto& slope) {
                          slope = 2 * (z - y);
                          return (z - y).square().sum();
                        })});
}
