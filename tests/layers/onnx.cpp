// SPDX-License-Identifier: MIT
// Compares layers and losses with the node tests of ONNX, which compute by NumPy.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/safetensors_file.hpp>

#include "../catch.hpp"
#include "alone.hpp"

namespace {

using fovea::dynamic;
using fovea::extents;
using image = extents<dynamic, dynamic, dynamic>;
using host = fovea::host_backend<float>;

std::vector<double> node(std::string const& name) {
  static fovea::safetensors_file file(FOVEA_FIXTURES_DIR "/onnx.safetensors");
  auto const* entry = file.header().find(name);
  if (!entry) FAIL("the fixture has no " << name);
  if (entry->dtype != "I64") return file.values<double>(*entry);
  auto const all = file.values<std::int64_t>(*entry);
  return {all.begin(), all.end()};
}
void close(std::vector<double> const& found, std::vector<double> const& expected, double tolerance = 1e-6) {
  REQUIRE(found.size() == expected.size());
  double most = 0;
  for (std::size_t i = 0; i != found.size(); ++i)
    most = std::isnan(found[i]) ? 1e9 : std::max(most, std::abs(found[i] - expected[i]) / (1 + std::abs(expected[i])));
  CHECK(most < tolerance);
}

/// Runs a layer on a case's input and compares its output. `Input`: the type of the input's elements.
template <bool Training = false, class Input = float, class L, class Sample>
void is_onnxs(std::string const& name, L const& layer, Sample const& sample) {
  INFO(name);
  host const b;
  alone one(b, layer, sample);
  auto const put = [&](std::string const& key, float* to, std::size_t n) {
    auto const numbers = node(name + "/" + key);
    REQUIRE(numbers.size() == n);
    for (std::size_t i = 0; i != n; ++i) to[i] = static_cast<float>(numbers[i]);
  };
  for (auto const& p : one.layout.parameters) put(p.name, fovea::data(one.parameters) + p.offset, p.extents.size());
  for (auto const& s : one.layout.states)
    if (s.kind == fovea::state_kind::number)
      put(s.name, reinterpret_cast<float*>(one.state_bytes() + s.offset), s.extents.size());
  auto const inputs = node(name + "/x"), expected = node(name + "/y");
  auto const rows = inputs.size() / sample.size();
  auto const made = layer.output(sample);
  owned_batch<host, Input, Sample> x(b, sample, rows, inputs);
  owned_batch<host, float, std::remove_const_t<decltype(made)>> y(b, made, rows, {});
  one.template run<Training, false>(x.read(), y.span(), fovea::nothing{}, fovea::nothing{});
  close(y.get(), expected, name.ends_with("starts_on_pad") ? 1e-4 : 1e-6);  // it is given in four digits
}

}  // namespace

TEST_CASE("layers of images are ONNX's", "[onnx]") {
  using conv = fovea::conv2d<>;
  auto const of = [](std::size_t padding, std::size_t stride) {
    return conv{
        .in_channels = 1, .out_channels = 1, .kernel_size = 3, .stride = stride, .padding = padding, .bias = false};
  };
  is_onnxs("basic_conv_with_padding", of(1, 1), image({1, 5, 5}));
  is_onnxs("basic_conv_without_padding", of(0, 1), image({1, 5, 5}));
  is_onnxs("conv_with_strides_padding", of(1, 2), image({1, 7, 5}));
  is_onnxs("conv_with_strides_no_padding", of(0, 2), image({1, 7, 5}));

  using max = fovea::max_pool2d;
  is_onnxs("maxpool_1d_default", fovea::max_pool1d{.kernel_size = 2, .stride = 1}, extents<dynamic, dynamic>({3, 32}));
  is_onnxs("maxpool_2d_precomputed_pads", max{.kernel_size = 5, .stride = 1, .padding = 2}, image({1, 5, 5}));
  is_onnxs("maxpool_2d_precomputed_strides", max{2}, image({1, 5, 5}));
  is_onnxs("maxpool_2d_ceil", max{.kernel_size = 3, .stride = 2, .ceil_mode = true}, image({1, 4, 4}));
  is_onnxs("maxpool_2d_ceil_output_size_reduce_by_one", max{.kernel_size = 1, .stride = 2, .ceil_mode = true},
           image({1, 2, 2}));
  is_onnxs("maxpool_2d_dilations", max{.kernel_size = 2, .stride = 1, .dilation = 2}, image({1, 4, 4}));

  using avg = fovea::avg_pool2d;
  is_onnxs("averagepool_1d_default", fovea::avg_pool1d{.kernel_size = 2, .stride = 1},
           extents<dynamic, dynamic>({3, 32}));
  is_onnxs("averagepool_2d_precomputed_pads",
           avg{.kernel_size = 5, .stride = 1, .padding = 2, .count_include_pad = false}, image({1, 5, 5}));
  is_onnxs("averagepool_2d_precomputed_pads_count_include_pad", avg{.kernel_size = 5, .stride = 1, .padding = 2},
           image({1, 5, 5}));
  is_onnxs("averagepool_2d_precomputed_strides", avg{2}, image({1, 5, 5}));
  is_onnxs("averagepool_2d_ceil", avg{.kernel_size = 3, .stride = 2, .ceil_mode = true, .count_include_pad = false},
           image({1, 4, 4}));
  is_onnxs("averagepool_2d_ceil_last_window_starts_on_pad",
           avg{.kernel_size = 3, .stride = 3, .padding = 1, .ceil_mode = true}, image({3, 2, 2}));
  is_onnxs("globalaveragepool_precomputed", fovea::global_avg_pool{}, image({1, 3, 3}));
}

TEST_CASE("norms, linear, softmax, activations and embedding are ONNX's", "[onnx]") {
  image const sample({3, 4, 5});
  is_onnxs("batchnorm_example", fovea::batch_norm{}, sample);
  is_onnxs("batchnorm_epsilon", fovea::batch_norm{.epsilon = 1e-2}, sample);
  is_onnxs<true>("batchnorm_example_training_mode", fovea::batch_norm{}, sample);
  is_onnxs("layer_normalization_default_axis", fovea::layer_norm{}, sample);
  is_onnxs("layer_normalization_3d_axis2_epsilon", fovea::layer_norm{.epsilon = 0.1}, image({1, 3, 5}));
  is_onnxs("rms_normalization_default_axis", fovea::rms_norm{.epsilon = 1e-5}, sample);
  is_onnxs("rms_normalization_3d_axis_negative_1_epsilon", fovea::rms_norm{.epsilon = 0.1}, image({1, 3, 5}));
  is_onnxs("gemm_default_vector_bias", fovea::linear{7, 4}, extents<dynamic>({7}));
  is_onnxs("gemm_transposeB", fovea::linear{6, 4}, extents<dynamic>({6}));
  is_onnxs("softmax_example", fovea::softmax{}, extents<dynamic>({3}));
  is_onnxs("softmax_large_number", fovea::softmax{}, extents<dynamic>({4}));
  is_onnxs("softmax_default_axis", fovea::softmax{}, image({1, 4, 5}));
  is_onnxs("relu", fovea::relu{}, image({1, 4, 5}));
  is_onnxs("tanh", fovea::tanh{}, image({1, 4, 5}));
  is_onnxs("sigmoid", fovea::sigmoid{}, image({1, 4, 5}));
  is_onnxs<false, std::int32_t>("gather_0", fovea::embedding<5, 24>{}, extents<1>{});
}

TEST_CASE("further activations, norms, padding and upsampling are ONNX's", "[onnx]") {
  image const sample({1, 4, 5});
  is_onnxs("leakyrelu_default", fovea::leaky_relu{}, sample);
  is_onnxs("elu_default", fovea::elu{}, sample);
  is_onnxs("selu_default", fovea::selu{}, sample);
  is_onnxs("celu", fovea::celu{{.alpha = 2}}, image({3, 3, 1}));
  is_onnxs("gelu_default_2", fovea::gelu{}, sample);
  is_onnxs("gelu_tanh_2", fovea::gelu_tanh{}, sample);
  is_onnxs("softplus", fovea::softplus{}, sample);
  is_onnxs("softsign", fovea::softsign{}, sample);
  is_onnxs("hardswish", fovea::hard_swish{}, sample);
  is_onnxs("logsoftmax_default_axis", fovea::log_softmax{}, sample);
  is_onnxs("logsoftmax_large_number", fovea::log_softmax{}, image({1, 1, 4}));
  is_onnxs("group_normalization_example", fovea::group_norm{2}, image({4, 2, 2}));
  is_onnxs("group_normalization_epsilon", fovea::group_norm{.num_groups = 2, .epsilon = 1e-2}, image({4, 2, 2}));
  is_onnxs("instancenorm_example", fovea::instance_norm{.affine = true}, image({2, 1, 3}));
  is_onnxs("instancenorm_epsilon", fovea::instance_norm{.epsilon = 1e-2, .affine = true}, image({3, 4, 5}));
  is_onnxs("constant_pad", fovea::constant_pad2d{.padding = {3, 4, 1, 2}, .value = 1.2}, image({3, 4, 5}));
  is_onnxs("reflect_pad", fovea::reflection_pad2d{1}, image({3, 4, 5}));
  is_onnxs("edge_pad", fovea::replication_pad2d{1}, image({3, 4, 5}));
  is_onnxs("resize_upsample_scales_nearest", fovea::upsample2d{.scale_factor = {{2, 3}}}, image({1, 2, 2}));
  constexpr auto linear = fovea::interpolation::linear;
  is_onnxs("resize_upsample_scales_linear", fovea::upsample2d{.scale_factor = 2, .mode = linear}, image({1, 2, 2}));
  is_onnxs("resize_upsample_scales_linear_align_corners",
           fovea::upsample2d{.scale_factor = 2, .mode = linear, .align_corners = true}, image({1, 2, 2}));
}

TEST_CASE("recurrences are ONNX's", "[onnx]") {
  auto const run = [](std::string const& name, auto const& layer) {
    is_onnxs(name, layer, extents<1, dynamic>({1, layer.in}));
  };
  using lstm = fovea::lstm<dynamic, dynamic, fovea::hidden_states::last>;
  run("lstm_defaults", lstm{.in = 2, .hidden = 3});
  run("lstm_with_initial_bias", lstm{.in = 3, .hidden = 4});
  run("lstm_batchwise", lstm{.in = 2, .hidden = 7});
  using gru = fovea::gru<dynamic, dynamic, fovea::hidden_states::last>;
  run("gru_defaults", gru{.in = 2, .hidden = 5});
  run("gru_with_initial_bias", gru{.in = 3, .hidden = 3});
  run("gru_batchwise", gru{.in = 2, .hidden = 6});
}

TEST_CASE("softmax_cross_entropy and nll_loss are ONNX's SoftmaxCrossEntropyLoss and NegativeLogLikelihoodLoss",
          "[onnx]") {
  auto const check = [](std::string const& name, fovea::reduction how, double ignored = -100) {
    INFO(name);
    auto const x = node(name + "/x"), classes = node(name + "/classes");
    fovea::host_tensor<float, 2> const logits{{3, 5}, {x.begin(), x.end()}};
    std::vector<int> const targets(classes.begin(), classes.end());
    fovea::softmax_cross_entropy loss;
    loss.ignore_index = ignored;
    auto const weights = name.starts_with("sce_mean_weight") ? node(name + "/weight") : std::vector<double>(5, 1);
    loss.weight = fovea::class_weights(weights);
    close({fovea::value(loss, logits, targets, how)}, node(name + "/y"));
  };
  check("sce_sum", fovea::reduction::sum);
  check("sce_mean", fovea::reduction::mean);
  check("sce_mean_weight", fovea::reduction::mean);
  check("sce_mean_no_weight_ii", fovea::reduction::mean, 2);
  check("sce_mean_weight_ii", fovea::reduction::mean, 0);

  auto const x = node("nllloss_NC/x"), classes = node("nllloss_NC/classes");
  fovea::host_tensor<float, 2> const logarithms{{3, 5}, {x.begin(), x.end()}};
  std::vector<int> const targets(classes.begin(), classes.end());
  close(to_doubles(to_vector(fovea::values(fovea::nll_loss{}, logarithms, targets))), node("nllloss_NC/y"));
}
