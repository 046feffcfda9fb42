// SPDX-License-Identifier: MIT
#include <RTNeural/RTNeural.h>

#include <algorithm>
#include <vector>

#include "../common/inputs.hpp"
#include "../common/timing.hpp"
#include "../sizes.hpp"

namespace {

using network = RTNeural::ModelT<float, 29, 1, RTNeural::DenseT<float, 29, 16>, RTNeural::ReLuActivationT<float, 16>,
                                 RTNeural::DenseT<float, 16, 8>, RTNeural::ReLuActivationT<float, 8>,
                                 RTNeural::DenseT<float, 8, 1>, RTNeural::SigmoidActivationT<float, 1>>;

template <class Layer> void fill(Layer& layer, std::size_t in, std::size_t out) {
  std::vector<float> numbers(in * out + out);
  inputs::features(std::span(numbers));
  std::vector<std::vector<float>> weights;
  for (std::size_t o = 0; o != out; ++o) weights.emplace_back(&numbers[o * in], &numbers[o * in] + in);
  layer.setWeights(weights);
  layer.setBias(&numbers[in * out]);
}

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  network net;
  fill(net.get<0>(), 29, 16), fill(net.get<2>(), 16, 8), fill(net.get<4>(), 8, 1);
  std::vector<float> row(sizes::features);
  inputs::features(std::span(row));
  alignas(64) float padded[32] = {};  // a row is read in whole registers
  float y = 0;
  constexpr int times = 1000;
  auto const one = [&] {
    for (int i = 0; i != times; ++i) {
      std::copy(row.begin(), row.end(), padded);
      y = net.forward(padded);
      timing::keep(y);
    }
  };
  auto const waiting = [&] {
    for (int i = 0; i != times; ++i) {
      row[0] = y;
      std::copy(row.begin(), row.end(), padded);
      y = net.forward(padded);
    }
    timing::keep(y);
  };
  return timing::answer(
      o, {{.name = "one row", .run = one, .each = times}, {.name = "one row, waiting", .run = waiting, .each = times}});
}
