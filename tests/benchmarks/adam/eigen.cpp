// SPDX-License-Identifier: MIT
#include "../common/adam_arrays.hpp"
#include "../common/eigen_network.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  adam_arrays a;
  int step = 0;
  auto const mapped = [](std::vector<float>& x) {
    return Eigen::Map<with_eigen::array>(x.data(), static_cast<Eigen::Index>(x.size()));
  };
  auto const run = [&](float decay) {
    with_eigen::adam(mapped(a.p), mapped(a.g), mapped(a.m), mapped(a.v), ++step, decay);
    timing::keep(a.p);
  };
  return timing::answer(o, {{.name = "adam", .run = [&] { run(0); }}, {.name = "adamw", .run = [&] { run(0.01f); }}});
}
