// SPDX-License-Identifier: MIT
// Trains a network of two inputs, a category and numbers, on unbalanced classes, without and with class weights.
#include <cstdint>
#include <cstdio>
#include <tuple>
#include <vector>

#include <fovea/backends/host.hpp>  // adapts std::vector, too
#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

constexpr std::size_t models = 12, readings = 5, states = 3;
constexpr char const* state_names[states] = {"good", "worn", "failing"};

/// Returns the machines from number `first` on: the model and the readings of each, and its state.
auto machines(fovea::xtensor_backend<> const& backend, std::size_t first, std::size_t rows) {
  // Each random number is a function of its indices, so two ranges of machines split one population.
  auto const uniform = [](std::uint32_t draw, std::size_t index) {
    return 2 * fovea::uniform<float>(/*seed*/ 0, fovea::random_stream::user, draw, index) - 1;
  };
  xt::xtensor<int, 1> model = xt::empty<int>({rows}), state = xt::empty<int>({rows});
  xt::xtensor<float, 2> reading = xt::empty<float>({rows, readings});
  for (std::size_t i = 0; i != rows; ++i) {
    std::size_t const m = (first + i) % models;
    model(i) = static_cast<int>(m);
    for (std::uint32_t k = 0; k != readings; ++k) reading(i, k) = uniform(k, first + i);
    // The model decides how weak a machine is, and whether its second reading adds to the strain or relieves it.
    float const strain = uniform(10, m) + 2 * uniform(11, m) * reading(i, 1) + reading(i, 0) +
                         reading(i, 2) * reading(i, 3) + uniform(12, first + i) / 2;
    state(i) = strain < 0.63f ? 0 : strain < 1.59f ? 1 : 2;
  }
  return fovea::dataset{backend, std::tie(model, reading), state};
}

/// Prints the numbers of rows, by state and predicted state.
void print(char const* title, fovea::class_confusion const& counts) {
  std::printf("\n%-24s %7s %7s %7s %7s\n", title, state_names[0], state_names[1], state_names[2], "recall");
  auto const of_state = fovea::one_against_rest(counts);
  for (std::size_t s = 0; s != states; ++s)
    std::printf("%24s %7zu %7zu %7zu %7.3f\n", state_names[s], counts(s, 0), counts(s, 1), counts(s, 2),
                fovea::recall(of_state[s]));
  std::printf("accuracy %.3f\nbalanced accuracy %.3f\n", fovea::accuracy(counts), fovea::balanced_accuracy(counts));
}

int main() {
  fovea::xtensor_backend const backend;
  auto const train = machines(backend, 0, 4000), validation = machines(backend, 4000, 4000);

  // parallel gives each input layers of its own; concatenate joins their outputs, 4 numbers and the readings.
  constexpr fovea::sequential net{
      fovea::parallel{fovea::sequential{fovea::input<1>{}, fovea::embedding<models, 4>{}, fovea::flatten{}},
                      fovea::input<readings>{}},
      fovea::concatenate{},
      fovea::linear<4 + readings, 32>{},
      fovea::relu{},
      fovea::residual{fovea::sequential{fovea::linear<32, 32>{}, fovea::relu{}, fovea::linear<32, 32>{}}},
      fovea::linear<32, states>{}};

  auto const counts_with = [&](fovea::softmax_cross_entropy const& loss) {
    fovea::trainer trainer{backend, net, loss, fovea::adam{.learning_rate = 3e-3}, {.batch_size = 64, .seed = 1}};
    trainer.fit(train, {.epochs = 10, .validation = &validation}, fovea::progress{});
    auto const predicted = trainer.predict_classes(validation.features);  // the state with the largest logit
    return fovea::class_confusion_matrix(predicted, validation.targets, states);
  };

  // The rarer a state, the larger its weight; the mean over the rows is 1. The vector must outlive the loss.
  std::vector<double> weights(states);
  for (int const s : train.targets) ++weights[static_cast<std::size_t>(s)];
  for (double& w : weights) w = static_cast<double>(train.rows()) / (states * w);
  for (std::size_t s = 0; s != states; ++s)
    std::printf("%s: %.1f %% of the rows, weight %.2f\n", state_names[s], 100 / (states * weights[s]), weights[s]);

  auto const plain = counts_with({}), weighted = counts_with({.weight = fovea::class_weights(weights)});
  print("without class weights", plain);
  print("with class weights", weighted);
  bool const better = weighted(2, 2) > plain(2, 2);
  std::printf("with weights, the network finds %s of the failing machines\n", better ? "more" : "NO MORE");
  return better ? 0 : 1;
}
