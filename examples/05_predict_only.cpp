// SPDX-License-Identifier: MIT
// Loads a model and predicts. The host backend links nothing but the standard library: no trainer, no BLAS.
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <fovea/backends/host.hpp>
#include <fovea/io/safetensors.hpp>

#include "05_network.hpp"

int main(int argc, char** argv) try {
  auto const start = std::chrono::steady_clock::now();

  // Without a loss, the inverse link must be given: it maps the network's logits to probabilities.
  fovea::model net{fovea::host_backend<float>{}, ring_net, /*seed*/ 0, fovea::sigmoid{}};
  fovea::load(net, argc > 1 ? argv[1] : "ring.safetensors");

  fovea::host_tensor<float, 2> const points{{4, 2}, {0, 0, 0.7f, 0, 0.5f, -0.5f, 0.95f, 0.95f}};
  auto const probabilities = net.predict(points);

  std::chrono::duration<double, std::milli> const taken = std::chrono::steady_clock::now() - start;
  for (std::size_t i = 0; i != 4; ++i)
    std::printf("(%5.2f, %5.2f) %s, probability %.2f\n", points.elements[2 * i], points.elements[2 * i + 1],
                probabilities.elements[i] < 0.5f ? "outside" : "inside", probabilities.elements[i]);
  std::printf("from main to the first predictions %.2f ms; this program is %.0f kB\n", taken.count(),
              static_cast<double>(std::filesystem::file_size(argv[0])) / 1000);
} catch (std::exception const& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
