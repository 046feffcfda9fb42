// SPDX-License-Identifier: MIT
#include "../common/eigen_elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  return timing::answer(o, {with_eigen::elementwise("bce", [](auto const& z, auto const& y, auto& slope) {
                          slope = z.logistic() - y;
                          return (with_eigen::formulas::softplus(z) - z * y).sum();
                        })});
}
