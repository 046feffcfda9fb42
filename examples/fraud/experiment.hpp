// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fovea/fovea.hpp>

#include "options.hpp"

namespace fraud {

/// What of a run is kept only to be drawn, all on the test split.
struct evidence {
  struct loss_after {
    std::size_t steps;
    double loss;
  };
  std::vector<loss_after> losses;  // the mean loss, every so many steps
  std::vector<float> probabilities, targets;
};

/// One training run and what it came to on the test split.
struct run {
  std::string mode, loss;
  std::uint64_t seed = 0;
  std::vector<double> losses;  // of every step
  fovea::confusion confusion;
  double average_precision = 0, roc_auc = 0, seconds = 0;
  evidence kept;  // empty in most runs
};

/// Every run on one table.
struct results {
  std::string data;
  std::vector<run> runs;
};

/// The post's network, which ends in a sigmoid because its losses take probabilities.
inline constexpr fovea::sequential published_network{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{},
                                                     fovea::relu{},           fovea::linear<8, 1>{}, fovea::sigmoid{}};
/// The same, giving logits.
inline constexpr fovea::sequential corrected_network{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{},
                                                     fovea::relu{}, fovea::linear<8, 1>{}};

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Trains and evaluates; `keep` asks for the evidence, the time for which does not count. `on_step(epoch, step, loss)` is
/// called after each step, counting from 0.
template <class B, class Net, class Loss, class OnStep>
run train(B const& backend, Net const& net, Loss const& loss, options const& o, std::uint64_t seed,
          std::vector<float> const& initial_weights, fovea::dataset<B> const& train, fovea::dataset<B> const& test,
          bool keep, OnStep const& on_step) {
  auto const begin = std::chrono::steady_clock::now();
  run result;
  result.seed = seed;
  fovea::trainer trainer{backend, net, loss, fovea::adam{.learning_rate = o.learning_rate},
                         {.batch_size = o.batch, .seed = seed, .shuffle = !o.no_shuffle}};
  if (!initial_weights.empty())
    backend.copy(initial_weights.data(), fovea::data(trainer.parameters()), initial_weights.size());

  double aside = 0;
  auto const between = std::max<std::size_t>(1, o.epochs * ((train.rows() + o.batch - 1) / o.batch) / 40);
  auto const watch = [&] {
    if (!keep || result.losses.size() % between != 0) return;
    auto const paused = std::chrono::steady_clock::now();
    result.kept.losses.push_back({result.losses.size(), trainer.evaluate(test)});
    aside += seconds_since(paused);
  };
  watch();
  for (std::size_t epoch = 0; epoch != o.epochs; ++epoch)
    trainer.epoch(train, [&](std::size_t step, double value) {
      result.losses.push_back(value);
      on_step(epoch, step, value);
      watch();
    });

  std::vector<float> probabilities(test.rows()), targets(test.rows());
  auto const predicted = trainer.predict(test.features);
  backend.copy(fovea::data(predicted), probabilities.data(), probabilities.size());
  backend.copy(fovea::data(test.targets), targets.data(), targets.size());
  result.seconds = seconds_since(begin) - aside;
  result.confusion = fovea::confusion_matrix(probabilities, targets, 0.5);
  result.average_precision = fovea::average_precision(probabilities, targets);
  result.roc_auc = fovea::roc_auc(probabilities, targets);
  if (keep) result.kept.probabilities = std::move(probabilities), result.kept.targets = std::move(targets);
  return result;
}

/// The run of this mode, loss and seed.
template <class B, class OnStep>
run experiment(B const& b, std::string const& mode, std::string const& loss, options const& o, std::uint64_t seed,
               std::vector<float> const& weights, fovea::dataset<B> const& train_rows, fovea::dataset<B> const& test_rows,
               bool keep, OnStep const& on_step) {
  auto const with = [&](auto const& net, auto const& formula, auto const& rows) {
    auto result = train(b, net, formula, o, seed, weights, rows, test_rows, keep, on_step);
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
