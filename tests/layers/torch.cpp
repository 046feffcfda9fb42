// SPDX-License-Identifier: MIT
// Compares layers and combinators with PyTorch.
#include "torch_case.hpp"

using fovea::extents;
using fovea::input;
using fovea::linear;
using fovea::sequential;

TEST_CASE("batch_norm is PyTorch's, of features and of the channels of images", "[batch_norm]") {
  using fovea::batch_norm;
  is_torchs("layers", "batch_norm", net_of(batch_norm{}), extents<5>{});
  is_torchs("layers", "batch_norm_two_rows", net_of(batch_norm{}), extents<fovea::dynamic>({1}));
  is_torchs("layers", "batch_norm_options", net_of(batch_norm{.epsilon = 1e-3, .momentum = 0.3}), extents<9>{});
  is_torchs("layers", "batch_norm_cumulative", net_of(batch_norm{.momentum = std::nullopt}), extents<3>{});
  is_torchs("layers", "batch_norm_images", net_of(batch_norm{}), extents<4, 2, 5>{});
  is_torchs("layers", "batch_norm_one_image", net_of(batch_norm{}),
            extents<fovea::dynamic, fovea::dynamic, 3>({3, 3, 3}));
}

TEST_CASE("layer_norm and rms_norm are PyTorch's", "[layer_norm]") {
  using fovea::layer_norm, fovea::rms_norm;
  is_torchs("layers", "layer_norm_2", net_of(layer_norm{}), extents<2>{});
  is_torchs("layers", "layer_norm_17", net_of(layer_norm{.epsilon = 1e-3}), extents<fovea::dynamic>({17}));
  is_torchs("layers", "layer_norm_64", net_of(layer_norm{}), extents<64>{});
  is_torchs("layers", "layer_norm_sequence", net_of(layer_norm{}), extents<3, 6>{});
  is_torchs("layers", "rms_norm_5", net_of(rms_norm{.epsilon = 0x1p-52}), extents<5>{});
  is_torchs("layers", "rms_norm_17", net_of(rms_norm{.epsilon = 1e-3}), extents<fovea::dynamic>({17}));
  is_torchs("layers", "rms_norm_sequence", net_of(rms_norm{.epsilon = 0x1p-52}), extents<3, 6>{});
}

TEST_CASE("layers without their optional parameters are PyTorch's", "[optional_parameters]") {
  is_torchs("layers", "linear_no_bias",
            sequential{linear<5, 3>{.bias = false}, fovea::tanh{}, linear<3, 2>{.bias = false}}, extents<5>{});
  is_torchs("layers", "batch_norm_plain", net_of(fovea::batch_norm{.affine = false}), extents<5>{});
  is_torchs("layers", "batch_norm_images_plain", net_of(fovea::batch_norm{.affine = false}), extents<2, 2, 3>{});
  is_torchs("layers", "layer_norm_plain", net_of(fovea::layer_norm{.affine = false}), extents<5>{});
  is_torchs("layers", "rms_norm_plain", net_of(fovea::rms_norm{.epsilon = 1e-3, .affine = false}), extents<5>{});
  CHECK(fovea::parameter_count(sequential{linear<5, 3>{.bias = false}, fovea::batch_norm{.affine = false}}) == 15);
  CHECK_THROWS_WITH((linear<5, 3>{.prior = 0.1, .bias = false}.validate()),
                    "linear: a prior is where the bias starts, and there is none, got 0.1");
}

TEST_CASE("embedding is PyTorch's", "[embedding]") {
  is_torchs<std::int32_t>("layers", "embedding", net_of(fovea::embedding<9, 3>{.padding_index = 2}), extents<4>{});
  is_torchs<std::int32_t>("layers", "embedding_one", net_of(fovea::embedding{4, 5}), extents<1>{});
}

TEST_CASE("linear on the last axis of a sequence is PyTorch's", "[linear_sequence]") {
  is_torchs("layers", "linear_sequence", net_of(linear<5, 2>{}), extents<3, 5>{});
  is_torchs("layers", "linear_sequence", net_of(linear{5, 2}), extents<fovea::dynamic, 5>({3, 5}));
}

TEST_CASE("residual is PyTorch's", "[residual]") {
  using fovea::batch_norm, fovea::residual;
  is_torchs(
      "layers", "residual",
      sequential{linear<6, 5>{}, residual{sequential{linear<5, 8>{}, fovea::tanh{}, linear<8, 5>{}, fovea::tanh{}}},
                 linear<5, 2>{}},
      extents<6>{});
  is_torchs("layers", "residual_norm",
            sequential{linear<6, 5>{}, batch_norm{}, fovea::tanh{}, residual{sequential{linear<5, 5>{}, batch_norm{}}},
                       fovea::layer_norm{}, linear<5, 2>{}},
            extents<6>{});
}

TEST_CASE("branches are PyTorch's", "[branches]") {
  is_torchs("layers", "gated",
            sequential{fovea::multiply{linear<6, 4>{}, sequential{linear<6, 4>{}, fovea::sigmoid{}}}, linear<4, 2>{}},
            extents<6>{});
  is_torchs("layers", "concatenated",
            sequential{fovea::concatenate{linear<6, 3>{}, sequential{linear<6, 4>{}, fovea::tanh{}}}, linear<7, 2>{}},
            extents<6>{});
  is_torchs(
      "layers", "added",
      sequential{fovea::add{linear{6, 4}, sequential{linear<6, 4>{}, fovea::tanh{}}, linear<6, 4>{}}, linear{4, 2}},
      extents<6>{});
}

TEST_CASE("a network of two inputs, integers and numbers, is PyTorch's", "[two_inputs]") {
  auto const run = [](auto const& b) {
    sequential const net{
        fovea::parallel{sequential{input<1>{}, fovea::embedding<7, 4>{}, fovea::flatten{}}, input<3>{}},
        fovea::concatenate{}, linear<7, 5>{}, fovea::tanh{}, linear<5, 2>{}};
    compare_on<std::tuple<std::int32_t, value_type_of<decltype(b)>>>(b, "layers", "two_inputs", net, net.sample());
  };
  run(fovea::host_backend<double>{});
  run(main_backend<float>{});
}
