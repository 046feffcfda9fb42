// SPDX-License-Identifier: MIT
#include <memory>

#include "../common/fovea_data.hpp"

namespace {

constexpr std::size_t side = sizes::image_side, hidden = sizes::lstm_hidden, places = sizes::attention_places,
                      width = sizes::attention_width, few = sizes::channels[1], many = sizes::channels[2];

constexpr fovea::sequential convolutions{fovea::input<side * side>{},
                                         fovea::reshape<1, side, side>{},
                                         fovea::conv2d<1, few>{.kernel_size = 3, .padding = 1},
                                         fovea::relu{},
                                         fovea::conv2d<few, many>{.kernel_size = 3, .padding = 1},
                                         fovea::relu{},
                                         fovea::flatten{},
                                         fovea::linear<many * side * side, 10>{}};
constexpr fovea::sequential recurrent{
    fovea::input<sizes::lstm_steps * sizes::lstm_in>{}, fovea::reshape<sizes::lstm_steps, sizes::lstm_in>{},
    fovea::lstm<sizes::lstm_in, hidden, fovea::hidden_states::last>{}, fovea::linear<hidden, 10>{}};
constexpr fovea::sequential block{fovea::layer_norm{},
                                  fovea::multi_head_attention<width>{.heads = sizes::attention_heads}};
constexpr fovea::sequential attentive{fovea::input<places * width>{}, fovea::reshape<places, width>{},
                                      fovea::residual{block}, fovea::flatten{}, fovea::linear<places * width, 10>{}};

/// A training step on one batch.
template <class Net> timing::row step_of(char const* name, fovea::xtensor_backend<> const& b, Net const& net) {
  struct training {
    fovea::dataset<fovea::xtensor_backend<>> rows;
    fovea::trainer<fovea::xtensor_backend<>, Net, fovea::sigmoid_binary_cross_entropy, fovea::adam> trainer;
  };
  fovea::trainer trainer{
      b, net, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{}, {.batch_size = sizes::layers_batch}};
  auto const state = std::make_shared<training>(
      training{with_fovea::rows(b, sizes::layers_batch, net.sample().size(), 10), std::move(trainer)});
  return {.name = name, .run = [state] {
            timing::keep(static_cast<double>(state->trainer.step(state->rows.features, state->rows.targets)));
          }};
}

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  fovea::xtensor_backend<> const b{{.threads = o.threads}};
  return timing::answer(
      o, {step_of("conv", b, convolutions), step_of("lstm", b, recurrent), step_of("attention", b, attentive)});
}
