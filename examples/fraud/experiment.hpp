// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <fovea/fovea.hpp>

#include "options.hpp"

namespace fraud {

/// One training run and what it came to on the test split.
struct run {
  std::string mode, loss;
  std::uint64_t seed = 0;
  std::vector<double> losses;  // of every step
  fovea::confusion confusion;
  double average_precision = 0, roc_auc = 0, seconds = 0;
};

/// The post's network, which ends in a sigmoid because its losses take probabilities.
inline constexpr fovea::sequential published_network{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{},
                                                     fovea::relu{},           fovea::linear<8, 1>{}, fovea::sigmoid{}};
/// The same, giving logits.
inline constexpr fovea::sequential corrected_network{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{},
                                                     fovea::relu{}, fovea::linear<8, 1>{}};

/// Trains and evaluates. `on_step(epoch, step, loss)` is called after each step, counting from 0.
template <class B, class Net, class Loss, class OnStep>
run train(B const& backend, Net const& net, Loss const& loss, options const& o, std::uint64_t seed,
          std::vector<float> const& initial_weights, fovea::dataset<B> const& train, fovea::dataset<B> const& test,
          OnStep const& on_step) {
  auto const begin = std::chrono::steady_clock::now();
  run result;
  result.seed = seed;
  fovea::trainer trainer{backend, net, loss, fovea::adam{.learning_rate = o.learning_rate},
                         {.batch_size = o.batch, .seed = seed, .shuffle = !o.no_shuffle}};
  if (!initial_weights.empty())
    backend.copy(initial_weights.data(), fovea::data(trainer.parameters()), initial_weights.size());
  for (std::size_t epoch = 0; epoch != o.epochs; ++epoch)
    trainer.epoch(train, [&](std::size_t step, double value) {
      result.losses.push_back(value);
      on_step(epoch, step, value);
    });
  std::vector<float> probabilities(test.rows()), targets(test.rows());
  auto const predicted = trainer.predict(test.features);
  backend.copy(fovea::data(predicted), probabilities.data(), probabilities.size());
  backend.copy(fovea::data(test.targets), targets.data(), targets.size());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.confusion = fovea::confusion_matrix(probabilities, targets, 0.5);
  result.average_precision = fovea::average_precision(probabilities, targets);
  result.roc_auc = fovea::roc_auc(probabilities, targets);
  return result;
}

/// The run of this mode, loss and seed.
template <class B, class OnStep>
run experiment(B const& b, std::string const& mode, std::string const& loss, options const& o, std::uint64_t seed,
               std::vector<float> const& weights, fovea::dataset<B> const& train_rows, fovea::dataset<B> const& test_rows,
               OnStep const& on_step) {
  auto const with = [&](auto const& net, auto const& formula, auto const& rows) {
    auto result = train(b, net, formula, o, seed, weights, rows, test_rows, on_step);
    result.mode = mode, result.loss = loss;
    return result;
  };
  bool const bce = loss == "bce";
  if (mode == "published")  // the post's loader takes the test split, by mistake
    return bce ? with(published_network, fovea::binary_cross_entropy{}, test_rows)
               : with(published_network, fovea::focal_loss{.gamma = o.gamma}, test_rows);
  return bce ? with(corrected_network, fovea::sigmoid_binary_cross_entropy{}, train_rows)
             : with(corrected_network, fovea::sigmoid_focal_loss{.gamma = o.gamma}, train_rows);
}

}  // namespace fraud
