// SPDX-License-Identifier: MIT
#include "../common/eigen_network.hpp"
#include "../common/hand_epoch.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  Eigen::setNbThreads(static_cast<int>(o.threads));
  shuffled_rows data;
  with_eigen::network net(sizes::widths);
  with_eigen::matrix x(sizes::batch, sizes::features), y(sizes::batch, 1);
  auto const epoch = [&](auto const& slope) {
    data.epoch(x.data(), y.data(), [&](std::size_t n) {
      auto const rows = static_cast<Eigen::Index>(n);
      timing::keep(net.step(x.topRows(rows), y.topRows(rows), slope));
    });
  };
  auto const each = static_cast<double>(data.steps());
  return timing::answer(o, {{.name = "bce", .run = [&] { epoch(with_eigen::bce); }, .each = each},
                            {.name = "focal", .run = [&] { epoch(with_eigen::focal_4); }, .each = each}});
}
