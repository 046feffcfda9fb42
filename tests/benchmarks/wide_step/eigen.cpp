// SPDX-License-Identifier: MIT
#include "../common/eigen_network.hpp"
#include "../common/inputs.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  Eigen::setNbThreads(static_cast<int>(o.threads));
  with_eigen::network net(sizes::wide_widths);
  with_eigen::matrix x(sizes::wide_batch, sizes::wide_widths[0]), y(sizes::wide_batch, sizes::wide_widths[3]);
  inputs::features(std::span(x.data(), static_cast<std::size_t>(x.size())));
  inputs::rare(std::span(y.data(), static_cast<std::size_t>(y.size())));
  auto const run = [&] { timing::keep(net.step(x, y, with_eigen::bce)); };
  return timing::answer(o, {{.name = "wide", .run = run}});
}
