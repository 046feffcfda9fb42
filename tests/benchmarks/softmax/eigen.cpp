// SPDX-License-Identifier: MIT
#include "../common/eigen_network.hpp"
#include "../common/softmax_arrays.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  softmax_arrays a;
  auto const run = [&] {
    constexpr auto n = static_cast<Eigen::Index>(sizes::softmax_classes);
    auto const scale = 1 / static_cast<float>(sizes::softmax_rows);
    double loss = 0;
    for (std::size_t r = 0; r != sizes::softmax_rows; ++r) {
      Eigen::Map<with_eigen::array const> const z(a.z.data() + r * sizes::softmax_classes, n);
      Eigen::Map<with_eigen::array> gradient(a.gradient.data() + r * sizes::softmax_classes, n);
      auto const most = z.maxCoeff();
      gradient = (z - most).exp();
      auto const sum = gradient.sum();
      gradient *= scale / sum;
      gradient[a.y[r]] -= scale;
      loss += std::log(sum) + most - z[a.y[r]];
    }
    timing::keep(loss), timing::keep(a.gradient);
  };
  return timing::answer(o, {{.name = "softmax", .run = run}});
}
