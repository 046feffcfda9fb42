// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>

#include "../common/fovea_data.hpp"

namespace {

constexpr std::size_t first_bias = sizes::widths[0] * sizes::widths[1];

/// A training step on a batch of the caller's, with a rate that moves nothing: a network that has learned it by heart would be timed on
/// denormal numbers.
struct single_step {
  static constexpr int times = 100;
  fovea::xtensor_backend<float> b;
  fovea::dataset<fovea::xtensor_backend<float>> rows = with_fovea::rows(b, sizes::batch, sizes::features, 1);
  fovea::trainer<fovea::xtensor_backend<float>, with_fovea::published_net, fovea::sigmoid_binary_cross_entropy,
                 fovea::adam>
      trainer{b, with_fovea::published, {}, fovea::adam{.learning_rate = 1e-9}, {.batch_size = sizes::batch}};

  timing::row row(char const* name) {
    return {.name = name,
            .run =
                [this] {
                  for (int i = 0; i != times; ++i) trainer.step(rows.features, rows.targets);
                  timing::keep(trainer);
                },
            .each = times};
  }
};

/// A training step and its share of the epoch: gathering a batch from the shuffled rows.
template <class T, class Loss> struct training {
  fovea::xtensor_backend<T> b;
  Loss loss;
  fovea::dataset<fovea::xtensor_backend<T>> rows = with_fovea::rows(b, sizes::rows, sizes::features, 1);
  fovea::trainer<fovea::xtensor_backend<T>, with_fovea::published_net, Loss, fovea::adam> trainer{
      b, with_fovea::published, loss, fovea::adam{}, {.batch_size = sizes::batch}};

  timing::row row(char const* name) {
    return {.name = name,
            .run = [this] { timing::keep(static_cast<double>(trainer.epoch(rows))); },
            .each = static_cast<double>((sizes::rows + sizes::batch - 1) / sizes::batch),
            .bits =
                [this] {
                  auto const& p = trainer.parameters();
                  return timing::bits_of(std::span<T const>(p.data(), p.size()));
                }};
  }
  /// Trains, makes all units of the first layer dead, and trains on until their first moments have decayed beyond the normal
  /// numbers.
  void make_units_dead() {
    trainer.epoch(rows);
    std::fill_n(trainer.parameters().data() + first_bias, sizes::widths[1], T(-1e6));
    for (int epoch = 0; epoch != 4; ++epoch) trainer.epoch(rows);
  }
};

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  fovea::sigmoid_focal_loss const focal{.gamma = 4};
  training<float, fovea::sigmoid_binary_cross_entropy> bce{{{.threads = o.threads}}, {}};
  training<float, fovea::sigmoid_focal_loss> single{{{.threads = o.threads}}, focal};
  training<double, fovea::sigmoid_focal_loss> twice{{{.threads = o.threads}}, focal};
  training<float, fovea::sigmoid_focal_loss> dead{{{.threads = o.threads}}, focal};
  dead.make_units_dead();
  single_step step{{{.threads = o.threads}}};
  return timing::answer(o, {bce.row("bce"), step.row("bce, step(x, y)"), single.row("focal"),
                            twice.row("focal, double"), dead.row("focal, dead units")});
}
