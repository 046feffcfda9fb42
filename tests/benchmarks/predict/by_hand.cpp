// SPDX-License-Identifier: MIT
#include "../common/hand_network.hpp"
#include "../common/inputs.hpp"
#include "../common/products.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(1);  // more threads are slower on products this small
  by_hand::network net(sizes::widths, sizes::predicted_batch);
  std::vector<float> x(sizes::predicted_rows * sizes::features), y(sizes::predicted_rows);
  inputs::features(std::span(x));
  auto const predict = [&](std::size_t first, std::size_t rows) {
    net.forward(rows, x.data() + first * sizes::features);
    for (std::size_t r = 0; r != rows; ++r) y[first + r] = 1 / (1 + std::exp(-net.output()[r]));
  };
  auto const many = [&] {
    for (std::size_t first = 0; first < sizes::predicted_rows; first += sizes::predicted_batch)
      predict(first, std::min(sizes::predicted_batch, sizes::predicted_rows - first));
    timing::keep(y);
  };
  constexpr int times = 1000;
  auto const one = [&] {
    for (int i = 0; i != times; ++i) predict(0, 1), timing::keep(y);
  };
  return timing::answer(o, {{.name = "10^6 rows", .run = many}, {.name = "one row", .run = one, .each = times}});
}
