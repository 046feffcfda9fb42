// SPDX-License-Identifier: MIT
#include "../common/hand_epoch.hpp"
#include "../common/hand_network.hpp"
#include "../common/products.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(1);  // more threads are slower on products this small
  shuffled_rows data;
  by_hand::network net(sizes::widths, sizes::batch);
  std::vector<float> y(sizes::batch);
  auto const epoch = [&](auto const& loss) {
    data.epoch(net.input(), y.data(), [&](std::size_t rows) { timing::keep(net.step(rows, y.data(), loss)); });
  };
  auto const focal = [](float z, float t) {
    auto const miss = 1 / (1 + std::exp((2 * t - 1) * z));
    auto const log_p = std::fmin((2 * t - 1) * z, 0.f) - std::log1p(std::exp(-std::fabs(z)));
    auto const power = miss * miss * miss * miss;
    return by_hand::pair{-power * log_p, (2 * t - 1) * power * (4 * (1 - miss) * log_p - miss)};
  };
  auto const each = static_cast<double>(data.steps());
  return timing::answer(o, {{.name = "bce", .run = [&] { epoch(by_hand::bce); }, .each = each},
                            {.name = "focal", .run = [&] { epoch(focal); }, .each = each}});
}
