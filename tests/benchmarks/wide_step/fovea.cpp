// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

namespace {

constexpr auto const& w = sizes::wide_widths;
constexpr fovea::sequential wide{fovea::linear<w[0], w[1]>{}, fovea::relu{}, fovea::linear<w[1], w[2]>{}, fovea::relu{},
                                 fovea::linear<w[2], w[3]>{}};

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  fovea::xtensor_backend<> const b{{.threads = o.threads}};
  auto const rows = with_fovea::rows(b, sizes::wide_batch, w[0], w[3]);
  fovea::trainer trainer{
      b, wide, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{}, {.batch_size = sizes::wide_batch}};
  auto const run = [&] { timing::keep(static_cast<double>(trainer.step(rows.features, rows.targets))); };
  auto const bits = [&] {
    return timing::bits_of(std::span<float const>(trainer.parameters().data(), trainer.parameters().size()));
  };
  return timing::answer(o, {{.name = "wide", .run = run, .bits = bits}});
}
