// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  fovea::xtensor_backend<> const b{{.threads = o.threads}};
  auto logits = xt::xtensor<float, 2>::from_shape({sizes::softmax_rows, sizes::softmax_classes});
  auto classes = xt::xtensor<std::int32_t, 1>::from_shape({sizes::softmax_rows});
  inputs::logits(with_fovea::span(logits.data(), logits.size()));
  inputs::classes(with_fovea::span(classes.data(), classes.size()));
  auto gradient = logits;
  auto const run = [&] {
    timing::keep(fovea::value_and_gradient(b, fovea::softmax_cross_entropy{}, logits, classes, gradient));
  };
  auto const bits = [&] { return timing::bits_of(std::span<float const>(gradient.data(), gradient.size())); };
  return timing::answer(o, {{.name = "softmax", .run = run, .bits = bits}});
}
