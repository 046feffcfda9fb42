// SPDX-License-Identifier: MIT
// Layers of sequences and images that are made of others, or go both ways, in PyTorch's numbers.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

#include <fovea/layers/bidirectional.hpp>
#include <fovea/layers/channel_gate.hpp>
#include <fovea/layers/renamed.hpp>
#include <fovea/layers/transformer.hpp>
#include <fovea/layers/transposed_convolution.hpp>

#include "torch_case.hpp"

using fovea::bidirectional;
using fovea::dynamic;
using fovea::extents;
using fovea::hidden_states;

namespace {

/// Compares a layer with its case on the host, in double.
template <class X = void, class Net, class Sample>
void net_is_torchs(char const* name, Net const& net, Sample const& sample) {
  INFO(name);
  compare_on<X>(fovea::host_backend<double>{}, "blocks", name, net, sample);
}
template <class Layer, class Sample> void is_torchs_block(char const* name, Layer const& layer, Sample const& sample) {
  net_is_torchs(name, net_of(layer), sample);
}
template <class Layer> void is_torchs_with_lengths(char const* name, Layer const& layer) {
  std::tuple const sample{extents<dynamic, 2>({5, 2}), extents<1>{}};
  net_is_torchs<std::tuple<double, std::int32_t>>(name, net_of(layer), sample);
}

}  // namespace

TEST_CASE("rnn is PyTorch's", "[rnn]") {
  is_torchs_block("rnn", fovea::rnn<3, 4>{}, extents<5, 3>{});
  is_torchs_with_lengths("rnn_relu_last_lengths", fovea::relu_rnn<2, 3, hidden_states::last>{});
}

TEST_CASE("bidirectional is PyTorch's option", "[bidirectional]") {
  bidirectional const both{fovea::lstm<2, 3>{}};
  is_torchs_block("lstm_both", both, extents<4, 2>{});
  INFO("float");
  compare_on<void>(main_backend<float>{}, "blocks", "lstm_both", net_of(both), extents<4, 2>{});
  is_torchs_with_lengths("lstm_both_lengths", both);
  is_torchs_with_lengths("gru_both_last_lengths", bidirectional{fovea::gru<2, 3, hidden_states::last>{}});
  net_is_torchs(
      "rnn_stacked",
      fovea::sequential{bidirectional{fovea::rnn<2, 3>{}},
                        bidirectional{fovea::rnn<dynamic, dynamic, hidden_states::last>{.in = 6, .hidden = 2}}},
      extents<dynamic, dynamic>({4, 2}));
}

TEST_CASE("transformer_encoder_layer is PyTorch's", "[transformer]") {
  auto const block = fovea::transformer_encoder_layer<4>({.heads = 2, .dim_feedforward = 6, .dropout = 0});
  is_torchs_block("transformer_layer", block, extents<3, 4>{});
  compare_on<void>(main_backend<float>{}, "blocks", "transformer_layer", net_of(block), extents<3, 4>{});
  is_torchs_block(
      "transformer_layer_first",
      fovea::transformer_encoder_layer<dynamic, true>(
          {.width = 4, .heads = 2, .dim_feedforward = 5, .dropout = 0, .layer_norm_eps = 1e-3, .causal = true},
          fovea::gelu{}),
      extents<dynamic, dynamic>({3, 4}));
}

TEST_CASE("squeeze_excite is torchvision's", "[squeeze_excite]") {
  is_torchs_block("squeeze_excite", fovea::squeeze_excite(4, 2), extents<dynamic, dynamic, dynamic>({4, 2, 3}));
  fovea::channel_gate const misfit{fovea::sequential{fovea::flatten{}, fovea::linear{6, 2}}};
  CHECK_THROWS_WITH(misfit.output(extents<dynamic, dynamic>({3, 2})),
                    "channel_gate: the body makes 2 numbers for the 3 channels of a sample");
}

TEST_CASE("transposed convolutions are PyTorch's", "[transposed_convolution]") {
  is_torchs_block("conv_transpose2d", fovea::conv_transpose2d<2, 3>{.kernel_size = 3}, extents<2, 2, 3>{});
  compare_on<void>(main_backend<float>{}, "blocks", "conv_transpose2d",
                   net_of(fovea::conv_transpose2d<2, 3>{.kernel_size = 3}), extents<2, 2, 3>{});
  fovea::conv_transpose2d<> const options{.in_channels = 4,
                                          .out_channels = 2,
                                          .kernel_size = {3, 2},
                                          .stride = {2, 3},
                                          .padding = {1, 0},
                                          .output_padding = {1, 2},
                                          .dilation = {1, 2},
                                          .groups = 2,
                                          .bias = false};
  is_torchs_block("conv_transpose2d_options", options, extents<dynamic, dynamic, dynamic>({4, 3, 2}));
  is_torchs_block("conv_transpose1d", fovea::conv_transpose1d<2, 3>{.kernel_size = 4, .stride = 2, .padding = 1},
                  extents<2, 5>{});
  CHECK_THROWS_WITH((fovea::conv_transpose1d<2, 3>{.kernel_size = 2, .output_padding = 1}.validate()),
                    "conv_transpose1d: output_padding must be below the stride, got 1");
  CHECK_THROWS_WITH((fovea::conv_transpose1d<2, 3>{.kernel_size = 2, .padding = 3}.output(extents<2, 4>{})),
                    "conv_transpose1d: padding leaves nothing of an axis of 4 places");
}
