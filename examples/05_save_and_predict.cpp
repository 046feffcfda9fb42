// SPDX-License-Identifier: MIT
// Trains a small network and saves it as a safetensors file with PyTorch's names, which load_state_dict accepts unchanged.
#include <cstdio>
#include <random>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/safetensors.hpp>

#include "05_network.hpp"

int main(int argc, char** argv) try {
  char const* const path = argc > 1 ? argv[1] : "ring.safetensors";

  // Points in a square; the points between two circles are positive.
  std::mt19937 engine(1);
  xt::xtensor<float, 2> points = xt::empty<float>({4000, 2});
  for (float& x : points) x = static_cast<float>(engine()) * 0x1p-31f - 1;
  xt::xtensor<float, 1> inside = xt::empty<float>({4000});
  for (std::size_t i = 0; i != inside.size(); ++i) {
    float const square = points(i, 0) * points(i, 0) + points(i, 1) * points(i, 1);
    inside(i) = square > 0.25f && square < 0.81f;
  }

  fovea::xtensor_backend const backend;
  fovea::dataset const data{backend, points, inside};
  fovea::trainer trainer{backend, ring_net, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{.learning_rate = 5e-3}};
  trainer.fit(data, {.epochs = 100});
  auto const right = fovea::accuracy(fovea::confusion_matrix(trainer.predict(data.features), data.targets));
  std::printf("accuracy on the training rows %.3f\n", right);

  // The file is replaced atomically. Metadata is optional.
  fovea::save(trainer.model(), path, {{"task", "inside the ring"}});
  for (auto const& p : trainer.model().named_parameters())
    std::printf("%-10s %s\n", p.name.c_str(), to_string(p.extents).c_str());

  // Loading restores the same bits into any model of the same network, on any backend.
  fovea::model again{backend, ring_net, /*seed*/ 99};
  fovea::load(again, path);
  bool const same = again.outputs(points) == trainer.outputs(points);
  std::printf("%s: loaded again, it gives %s\n", path, same ? "the same bits" : "SOMETHING ELSE");
  return same ? 0 : 1;
} catch (fovea::error const& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
