// SPDX-License-Identifier: MIT
#include "../common/fovea_data.hpp"

namespace {

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
};

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  fovea::sigmoid_focal_loss const focal{.gamma = 4};
  training<float, fovea::sigmoid_binary_cross_entropy> bce{{{.threads = o.threads}}, {}};
  training<float, fovea::sigmoid_focal_loss> single{{{.threads = o.threads}}, focal};
  training<double, fovea::sigmoid_focal_loss> twice{{{.threads = o.threads}}, focal};
  return timing::answer(o, {bce.row("bce"), single.row("focal"), twice.row("focal, double")});
}
