// SPDX-License-Identifier: MIT
// Trains a network from scratch: data, layers, training with progress, early stopping and metrics.
#include <cmath>
#include <cstdio>
#include <numbers>
#include <random>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

/// Two interleaved spirals with n noisy points each.
auto two_spirals(fovea::xtensor_backend<> const& backend, std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  // std::uniform_real_distribution differs between standard libraries.
  auto const uniform = [&] { return static_cast<float>(engine()) * 0x1p-32f; };
  xt::xtensor<float, 2> points = xt::empty<float>({2 * n, std::size_t{2}});
  xt::xtensor<float, 1> spiral = xt::empty<float>({2 * n});
  for (std::size_t i = 0; i != 2 * n; ++i) {
    spiral(i) = static_cast<float>(i % 2);
    float const along = std::sqrt(uniform());
    float const angle = (3 * along + spiral(i)) * std::numbers::pi_v<float>;
    points(i, 0) = along * std::cos(angle) + 0.3f * (uniform() - 0.5f);
    points(i, 1) = along * std::sin(angle) + 0.3f * (uniform() - 0.5f);
  }
  return fovea::dataset{backend, points, spiral};
}

int main() {
  fovea::xtensor_backend const backend;  // float, one thread; the only place that chooses where everything runs
  auto const train = two_spirals(backend, 500, 1);
  auto const validation = two_spirals(backend, 250, 2);
  auto const test = two_spirals(backend, 1000, 3);

  // The compiler checks the widths: a linear<16, 1> at the end would not compile.
  constexpr fovea::sequential net{fovea::linear<2, 32>{}, fovea::tanh{}, fovea::linear<32, 32>{}, fovea::tanh{},
                                  fovea::linear<32, 1>{}};
  fovea::trainer trainer{backend,
                         net,
                         fovea::sigmoid_binary_cross_entropy{},
                         fovea::adam{.learning_rate = 5e-3},
                         {.batch_size = 50, .seed = 7}};

  // A metric is a name and a function of the validation set's predictions and targets.
  auto const accuracy = [](auto predictions, auto targets) {
    return fovea::accuracy(fovea::confusion_matrix(predictions, targets));
  };
  // A callback is any object with at least one of on_begin, on_step, on_epoch, on_end. fit calls the callbacks in this order.
  fovea::best_weights best{backend};
  auto const history =
      trainer.fit(train, {.epochs = 200, .validation = &validation, .metrics = {{"accuracy", accuracy}}},
                  fovea::progress{}, best, fovea::early_stopping{.patience = 15});
  std::printf("stopped after %zu epochs; the parameters are those of epoch %zu\n", history.size(), best.epoch);

  // The loss takes logits, so predict applies its inverse link, the sigmoid, and returns probabilities.
  auto const probabilities = trainer.predict(test.features);
  auto const counts = fovea::confusion_matrix(probabilities, test.targets);
  std::printf("test rows: %zu of %zu right, accuracy %.3f, ROC AUC %.4f\n", counts.true_positive + counts.true_negative,
              test.rows(), fovea::accuracy(counts), fovea::roc_auc(probabilities, test.targets));

  for (float y = 1; y >= -1; y -= 0.125f) {  // draws the network's predictions over the square
    for (float x = -1; x <= 1; x += 0.0625f) {
      xt::xtensor<float, 2> const point = {{x, y}};
      std::putchar(trainer.predict(point)(0, 0) < 0.5f ? '.' : '#');
    }
    std::putchar('\n');
  }
}
