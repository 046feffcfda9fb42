// SPDX-License-Identifier: MIT
// Times fovea over sizes. scaling.py runs this program once per point, so that each peak of memory belongs to one point.
#include <cstdio>
#include <fstream>
#include <string>

#include "common/fovea_data.hpp"
#include "common/hand_formulas.hpp"

namespace {

/// The peak memory of this process, in bytes.
double peak() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024;
  return 0;
}

/// The memory at program start, for code and libraries, which is subtracted from the peak.
double const before = peak();

void print(double seconds, double needed) {
  std::printf("{\"seconds\": %.6g, \"peak\": %.6g, \"needed\": %.6g}\n", seconds, peak() - before, needed);
}

auto network(std::size_t width) {
  return fovea::sequential{fovea::linear<fovea::dynamic, fovea::dynamic>{sizes::features, width}, fovea::relu{},
                           fovea::linear<fovea::dynamic, fovea::dynamic>{width, width}, fovea::relu{},
                           fovea::linear<fovea::dynamic, fovea::dynamic>{width, 1}};
}

/// Bytes of the parameters, their gradient and two moments; of the data; and of a gathered batch with all activations and
/// their gradients.
template <class Net> double needed(Net const& net, std::size_t rows, std::size_t batch, bool gathered) {
  std::size_t widths = 0, number = 0;
  net.for_each_child(fovea::extents<fovea::dynamic>({sizes::features}),
                     [&](auto, auto const& layer, auto const& sample) {
                       if (number++ % 2 == 0)
                         widths += layer.output(sample).size();  // a linear layer; the others write in place
                     });
  auto const per_row = net.sample().size() + net.output(net.sample()).size();
  return 4.0 * static_cast<double>(4 * fovea::parameter_count(net) + rows * per_row + batch * 2 * widths +
                                   (gathered ? batch * per_row : 0));
}

template <class Net> void step(Net const& net, std::size_t batch, double seconds) {
  fovea::xtensor_backend<> const b;
  auto const data = with_fovea::rows(b, batch, sizes::features, 1);
  fovea::trainer trainer{b, net, fovea::sigmoid_focal_loss{.gamma = 4}, fovea::adam{}, {.batch_size = batch}};
  auto const run = [&] { timing::keep(static_cast<double>(trainer.step(data.features, data.targets))); };
  run();
  print(timing::time_of({.name = "step", .run = run}, {.seconds = seconds}), needed(net, batch, batch, false));
}

template <class Net> void epoch(Net const& net, std::size_t rows, double seconds) {
  fovea::xtensor_backend<> const b;
  auto const data = with_fovea::rows(b, rows, sizes::features, 1);
  fovea::trainer trainer{b, net, fovea::sigmoid_focal_loss{.gamma = 4}, fovea::adam{}, {.batch_size = sizes::batch}};
  auto const run = [&] { timing::keep(static_cast<double>(trainer.epoch(data))); };
  run();
  print(timing::time_of({.name = "epoch", .run = run}, {.seconds = seconds}), needed(net, rows, sizes::batch, true));
}

template <class Loss> void loss(Loss const& loss, std::size_t n, double seconds) {
  fovea::xtensor_backend<> const b;
  auto z = xt::xtensor<float, 1>::from_shape({n}), y = xt::xtensor<float, 1>::from_shape({n}),
       gradient = xt::xtensor<float, 1>::from_shape({n});
  inputs::logits(with_fovea::span(z.data(), n));
  inputs::targets(with_fovea::span(y.data(), n));
  auto const run = [&] { timing::keep(fovea::value_and_gradient(b, loss, z, y, gradient)); };
  run();
  print(timing::time_of({.name = "loss", .run = run}, {.seconds = seconds}), 12.0 * static_cast<double>(n));
}

/// Times softmax cross-entropy and a plain loop in turn on 10^6 logits with this number of classes.
void softmax(std::size_t classes, double seconds) {
  fovea::xtensor_backend<> const b;
  auto const n = 1'000'000 / classes;
  auto z = xt::xtensor<float, 2>::from_shape({n, classes}), gradient = z;
  auto y = xt::xtensor<std::int32_t, 1>::from_shape({n});
  inputs::logits(with_fovea::span(z.data(), z.size()));
  for (std::size_t r = 0; r != n; ++r) y[r] = static_cast<std::int32_t>(r * 2'654'435'761u % classes);
  timing::row const ours{.name = "softmax", .run = [&] {
                           timing::keep(fovea::value_and_gradient(b, fovea::softmax_cross_entropy{}, z, y, gradient));
                         }};
  timing::row const loop{.name = "loop", .run = [&] {
                           double sum = 0;
                           for (std::size_t r = 0; r != n; ++r)
                             sum += by_hand::softmax_cross_entropy(z.data() + r * classes, y[r],
                                                                   gradient.data() + r * classes, classes,
                                                                   1 / static_cast<float>(n));
                           timing::keep(sum), timing::keep(gradient);
                         }};
  std::vector<double> times, loops;
  for (int round = 0; round != 5; ++round) {
    times.push_back(timing::time_of(ours, {.seconds = seconds / 5}));
    loops.push_back(timing::time_of(loop, {.seconds = seconds / 5}));
  }
  std::ranges::sort(times), std::ranges::sort(loops);
  std::printf("{\"seconds\": %.6g, \"loop\": %.6g, \"elements\": %zu}\n", times[2], loops[2], n * classes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: scaling batch|width|focal|bce|squared|softmax|epoch SIZE SECONDS\n", stderr);
    return 2;
  }
  std::string const what = argv[1];
  auto const size = std::stoul(argv[2]);
  auto const seconds = std::stod(argv[3]);
  if (what == "batch") step(with_fovea::published, size, seconds);
  else if (what == "width") step(network(size), sizes::batch, seconds);
  else if (what == "focal") loss(fovea::sigmoid_focal_loss{.gamma = 2}, size, seconds);
  else if (what == "bce") loss(fovea::sigmoid_binary_cross_entropy{}, size, seconds);
  else if (what == "squared") loss(fovea::mean_squared_error{}, size, seconds);
  else if (what == "softmax") softmax(size, seconds);
  else if (what == "epoch") epoch(with_fovea::published, size, seconds);
  else return 2;
}
