// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/io/npy.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"

using fovea::linear;
using fovea::relu;

namespace {

std::vector<double> fixture(std::string const& name) {
  return fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/trajectory/" + name + ".npy").values;
}

/// Trains like PyTorch: three epochs in batches of 128, or four of 32 each step, in order; the last batch has 107 rows.
template <class Net, class Loss>
void follows_torch(std::string const& name, Net const& net, Loss const& loss, bool has_probabilities,
                   fovea::trainer_options const& options = {.batch_size = 128, .shuffle = false}) {
  INFO(name);
  auto const losses = fixture("losses_" + name);
  for_each_backend([&](auto const& b) {
    auto const features = tensor_from(b, std::array<std::size_t, 2>{1003, 29}, fixture("features"));
    auto const targets = tensor_from(b, std::array<std::size_t, 1>{1003}, fixture("targets"));
    fovea::dataset const rows{b, features, targets};
    fovea::trainer trainer{b, net, loss, fovea::adam{.learning_rate = 1e-3}, options};
    fovea::copy(tensor_from(b, std::array<std::size_t, 1>{625}, fixture("initial_weights")), trainer.parameters());
    std::vector<double> relative;
    for (int epoch = 0; epoch != 3; ++epoch)
      trainer.epoch(rows, [&](std::size_t, double value) { relative.push_back(value / losses.at(relative.size())); });
    CHECK(max_difference(relative, std::vector<double>(24, 1.)) < by_precision(b, 1e-5, 1e-10));
    CHECK(max_difference(to_vector(trainer.parameters()), fixture("final_weights_" + name)) <
          by_precision(b, 2e-6, 1e-10));
    if (has_probabilities)
      CHECK(max_difference(to_vector(trainer.predict(features)), fixture("probabilities_" + name)) <
            by_precision(b, 2e-6, 1e-10));
  });
}

constexpr fovea::sequential probabilities{linear<29, 16>{}, relu{},         linear<16, 8>{},
                                          relu{},           linear<8, 1>{}, fovea::sigmoid{}};
constexpr fovea::sequential logits{linear<29, 16>{}, relu{}, linear<16, 8>{}, relu{}, linear<8, 1>{}};

}  // namespace

TEST_CASE("training follows PyTorch step by step with losses on probabilities") {
  follows_torch("bce", probabilities, fovea::binary_cross_entropy{}, true);
  follows_torch("focal", probabilities, fovea::focal_loss{.gamma = 4}, true);
}

TEST_CASE("training follows PyTorch step by step with losses on logits") {
  follows_torch("bce_with_logits", logits, fovea::sigmoid_binary_cross_entropy{.pos_weight = 3}, false);
  follows_torch("sigmoid_focal", logits, fovea::sigmoid_focal_loss{.gamma = 2, .alpha = 0.25}, false);
}

TEST_CASE("training follows PyTorch step by step where four batches make a step") {
  follows_torch("bce_with_logits", logits, fovea::sigmoid_binary_cross_entropy{.pos_weight = 3}, false,
                {.batch_size = 32, .accumulate = 4, .shuffle = false});
}

TEST_CASE("training follows PyTorch step by step with run-time widths") {
  follows_torch("bce_with_logits", fovea::sequential{linear{29, 16}, relu{}, linear{16, 8}, relu{}, linear{8, 1}},
                fovea::sigmoid_binary_cross_entropy{.pos_weight = 3}, false);
}
