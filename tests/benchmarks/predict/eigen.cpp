// SPDX-License-Identifier: MIT
#include <algorithm>

#include "../common/eigen_network.hpp"
#include "../common/inputs.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  Eigen::setNbThreads(static_cast<int>(o.threads));
  with_eigen::network net(sizes::widths);
  with_eigen::matrix x(sizes::predicted_rows, sizes::features), y(sizes::predicted_rows, 1);
  inputs::features(std::span(x.data(), static_cast<std::size_t>(x.size())));
  auto const predict = [&](Eigen::Index first, Eigen::Index rows) {
    y.middleRows(first, rows) = net.forward(x.middleRows(first, rows)).array().logistic().matrix();
  };
  auto const many = [&] {
    constexpr auto batch = static_cast<Eigen::Index>(sizes::predicted_batch);
    for (Eigen::Index first = 0; first < x.rows(); first += batch) predict(first, std::min(batch, x.rows() - first));
    timing::keep(y);
  };
  constexpr int times = 1000;
  auto const one = [&] {
    for (int i = 0; i != times; ++i) predict(0, 1), timing::keep(y);
  };
  return timing::answer(o, {{.name = "10^6 rows", .run = many}, {.name = "one row", .run = one, .each = times}});
}
