// SPDX-License-Identifier: MIT
#include "../common/eigen_elementwise.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  auto const focal = [](float gamma) {
    return [gamma](auto const& z, auto const& y, auto& slope) {
      with_eigen::array const sign = 2 * y - 1, t = sign * z, p = t.logistic(), miss = 1 - p,
                              log_p = -with_eigen::formulas::softplus(-t);
      with_eigen::array const power = gamma == 2 ? miss.square().eval() : miss.pow(gamma).eval();
      slope = sign * power * (gamma * p * log_p - miss);
      return -(power * log_p).sum();
    };
  };
  return timing::answer(
      o, {with_eigen::elementwise("gamma 2", focal(2)), with_eigen::elementwise("gamma 1.5", focal(1.5f))});
}
