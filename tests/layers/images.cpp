// SPDX-License-Identifier: MIT
// Convolutions, pools and batch norm after them: PyTorch's numbers, slopes by differences, passes, and what they refuse.
#include <type_traits>
#include <utility>

#include "../counting.hpp"
#include "slopes.hpp"
#include "torch_case.hpp"

using fovea::avg_pool1d;
using fovea::avg_pool2d;
using fovea::conv1d;
using fovea::conv2d;
using fovea::dynamic;
using fovea::extents;
using fovea::input;
using fovea::linear;
using fovea::max_pool1d;
using fovea::max_pool2d;
using fovea::residual;
using fovea::sequential;

namespace {

using image = extents<dynamic, dynamic, dynamic>;  // most cases share it: one type is compiled once

template <class Net, class Sample> void is_torchs(char const* name, Net const& net, Sample const& sample) {
  ::is_torchs("images", name, net_of(net), sample);
}

}  // namespace

TEST_CASE("convolutions are PyTorch's", "[convolution]") {
  is_torchs("conv2d", conv2d<2, 3>{.kernel_size = 3}, extents<2, 5, 4>{});
  is_torchs("conv2d_options",
            conv2d<>{.in_channels = 4,
                     .out_channels = 6,
                     .kernel_size = {3, 2},
                     .stride = {2, 1},
                     .padding = {1, 2},
                     .dilation = {1, 2},
                     .groups = 2},
            image({4, 6, 5}));
  is_torchs("conv2d_depthwise",
            conv2d<>{.in_channels = 3, .out_channels = 3, .kernel_size = 3, .padding = 2, .groups = 3},
            image({3, 4, 3}));
  is_torchs("conv2d_pointwise", conv2d<>{.in_channels = 3, .out_channels = 5, .kernel_size = 1}, image({3, 2, 4}));
  is_torchs("conv2d_whole", conv2d<>{.in_channels = 1, .out_channels = 2, .kernel_size = {4, 3}, .stride = 3},
            image({1, 4, 3}));
  is_torchs("conv2d_strided",
            conv2d<>{.in_channels = 2, .out_channels = 2, .kernel_size = 2, .stride = 3, .padding = 1},
            image({2, 7, 8}));
  is_torchs("conv1d", conv1d<3, 4>{.kernel_size = 3, .padding = 1}, extents<3, dynamic>({3, 7}));
  is_torchs("conv1d_options", conv1d<4, 2>{.kernel_size = 2, .stride = 2, .padding = 3, .dilation = 3, .groups = 2},
            extents<4, 9>{});
}

TEST_CASE("a convolution without a bias is PyTorch's", "[convolution]") {
  ::is_torchs("images", "conv2d_no_bias",
              sequential{conv2d<2, 4>{.kernel_size = 3, .padding = 1, .groups = 2, .bias = false}, fovea::batch_norm{},
                         fovea::tanh{}},
              extents<2, 3, 4>{});
}

TEST_CASE("pools are PyTorch's", "[pooling]") {
  is_torchs("max_pool2d", max_pool2d{2}, extents<3, 5, 4>{});
  is_torchs("max_pool2d_options",
            max_pool2d{.kernel_size = {3, 2}, .stride = {{2, 1}}, .padding = {1, 0}, .dilation = {1, 2}},
            image({2, 6, 5}));
  is_torchs("max_pool1d", max_pool1d{.kernel_size = 3, .stride = 1, .padding = 1}, extents<2, 7>{});
  is_torchs("avg_pool2d", avg_pool2d{2}, extents<3, 5, 4>{});
  is_torchs("avg_pool2d_options", avg_pool2d{.kernel_size = {3, 2}, .stride = {{2, 1}}, .padding = 1},
            image({2, 6, 5}));
  is_torchs("avg_pool2d_inside", avg_pool2d{.kernel_size = 3, .stride = 2, .padding = 1, .count_include_pad = false},
            image({2, 6, 5}));
  is_torchs("avg_pool1d", avg_pool1d{2}, extents<2, dynamic>({2, 7}));
  is_torchs("max_pool2d_ceil", max_pool2d{.kernel_size = 3, .stride = 2, .padding = {0, 1}, .ceil_mode = true},
            image({2, 6, 5}));
  is_torchs("avg_pool2d_ceil", avg_pool2d{.kernel_size = 3, .stride = 2, .padding = 1, .ceil_mode = true},
            image({2, 6, 7}));
  is_torchs("avg_pool1d_ceil",
            avg_pool1d{.kernel_size = 2, .stride = 3, .padding = 1, .ceil_mode = true, .count_include_pad = false},
            extents<2, dynamic>({2, 6}));
  is_torchs("global_avg_pool", fovea::global_avg_pool{}, image({3, 3, 5}));
}

TEST_CASE("a network of images is PyTorch's", "[images]") {
  ::is_torchs(
      "images", "images",
      sequential{conv2d<1, 3>{.kernel_size = 3, .padding = 1}, fovea::batch_norm{}, fovea::tanh{},
                 residual{sequential{conv2d<3, 3>{.kernel_size = 3, .padding = 1}, fovea::tanh{}}}, max_pool2d{2},
                 conv2d<3, 2>{.kernel_size = 2}, fovea::tanh{}, fovea::flatten{}, linear<8, 2>{}},
      extents<1, 6, 7>{});
}

TEST_CASE("gradients of layers for images are slopes at every place", "[gradients_of_images]") {
  extents<2, 4, 3> const sample;
  conv2d<2, 2> const same{.kernel_size = 3, .padding = 1};
  auto const everywhere = [&](auto const& layer) {
    auto const made = layer.output(sample);
    has_gradients(layer, sample);
    rows_stand_alone_unless_mixed(layer, sample);
    has_gradients(
        sequential{same, fovea::tanh{}, residual{sequential{same, fovea::batch_norm{}}},
                   sequential{residual{same}, layer}, fovea::tanh{}, fovea::flatten{}, linear{made.size(), 2}},
        sample);
  };
  using conv = conv2d<2, dynamic>;
  everywhere(conv{.out_channels = 3, .kernel_size = {2, 3}, .stride = 2, .padding = 1});
  everywhere(conv{.out_channels = 4, .kernel_size = {3, 1}, .dilation = {1, 2}, .groups = 2});
  everywhere(max_pool2d{.kernel_size = 2, .stride = 1});
  everywhere(avg_pool2d{.kernel_size = 3, .stride = {{2, 1}}, .padding = 1});
  everywhere(fovea::global_avg_pool{});
}

TEST_CASE("a convolution of many rows, in tiles, is that of each row", "[convolution_tiles]") {
  extents<3, 40, 40> const sample;  // 27 windows of 1,600 places: a tile is six rows
  std::size_t const rows = 15;
  auto const b = main_backend<float>{};
  using B = std::remove_const_t<decltype(b)>;
  conv2d<3, 2> const layer{.kernel_size = 3, .padding = 1};
  auto const made = layer.output(sample);
  using Made = std::remove_const_t<decltype(made)>;
  auto const x = drawn(rows * sample.size(), 3), dy = drawn(rows * made.size(), 4);
  auto const run = [&](std::size_t first, std::size_t n) {
    auto const part = [&](std::vector<double> const& all, std::size_t width) {
      auto const at = [&](std::size_t row) { return all.begin() + static_cast<std::ptrdiff_t>(row * width); };
      return std::vector<double>(at(first), at(first + n));
    };
    alone one(b, layer, sample);
    owned_batch<B, float, extents<3, 40, 40>> in(b, sample, n, part(x, sample.size())), dx(b, sample, n, {});
    owned_batch<B, float, Made> out(b, made, n, {}), slopes(b, made, n, part(dy, made.size()));
    one.template run<true>(in.read(), out.span(), slopes.span(), dx.span());
    return std::pair{out.get(), dx.get()};
  };
  auto const [y, dx] = run(0, rows);
  for (std::size_t r = 0; r != rows; ++r) {
    auto const [y_of_row, dx_of_row] = run(r, 1);
    CHECK(std::equal(y_of_row.begin(), y_of_row.end(), y.begin() + static_cast<std::ptrdiff_t>(r * made.size())));
    CHECK(std::equal(dx_of_row.begin(), dx_of_row.end(), dx.begin() + static_cast<std::ptrdiff_t>(r * sample.size())));
  }
}

TEST_CASE("batch_norm and the activation after it are three passes forward and two backward", "[batch_norm_passes]") {
  counting<double> const b;
  auto const passes = [&](auto const& net, auto const& sample) {
    using S = std::remove_cvref_t<decltype(sample)>;
    std::size_t const rows = 4;
    alone one(b, net, sample);
    owned_batch<counting<double>, double, S> x(b, sample, rows, drawn(rows * sample.size(), 1)), y(b, sample, rows, {}),
        dx(b, sample, rows, {}), dy(b, sample, rows, drawn(rows * sample.size(), 2));
    *b.passes = 0;
    one.template run<true, false>(x.read(), y.span(), fovea::nothing{}, fovea::nothing{});
    auto const forward = *b.passes;
    one.template run<true>(x.read(), y.span(), dy.span(), dx.span());
    return std::pair{forward, *b.passes - 2 * forward};
  };
  CHECK(passes(sequential{fovea::batch_norm{}, fovea::relu{}}, image({3, 2, 2})) == std::pair{3, 2});
  CHECK(passes(net_of(fovea::batch_norm{}), extents<3>{}) == std::pair{3, 2});
}

TEST_CASE("a max pool passes NaN on", "[max_pool_nan]") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  fovea::host_backend<double> const b;
  alone one(b, max_pool1d{2}, extents<1, 6>{});
  owned_batch<fovea::host_backend<double>, double, extents<1, 6>> x(b, {}, 1, {1, nan, nan, 2, 3, -1});
  owned_batch<fovea::host_backend<double>, double, extents<1, dynamic>> y(b, extents<1, dynamic>({1, 3}), 1, {});
  one.run<false, false>(x.read(), y.span(), fovea::nothing{}, fovea::nothing{});
  auto const found = y.get();
  CHECK((std::isnan(found[0]) && std::isnan(found[1]) && found[2] == 3));
}

TEST_CASE("layers for images refuse what does not fit, in a sentence", "[images_misfits]") {
  extents<dynamic, dynamic, dynamic> const sample({4, 3, 5});
  CHECK_THROWS_WITH((conv2d<4, 2>{.kernel_size = {4, 2}}.output(sample)),
                    "conv2d: the kernel spans 4 places, of 3 in the padded input");
  CHECK_THROWS_WITH((conv2d<4, 2>{.kernel_size = 2, .padding = 1, .dilation = 6}.output(sample)),
                    "conv2d: the kernel spans 7 places, of 5 in the padded input");
  CHECK_THROWS_WITH((conv2d<3, 2>{.kernel_size = 2}.output(sample)),
                    "conv2d takes 3 channels, the layer before it gives 4");
  CHECK_THROWS_WITH((conv2d<4, 2>{}.output(sample)), "conv2d: kernel_size must be from 1 to 1000000, got 0");
  CHECK_THROWS_WITH((conv2d<4, 6>{.kernel_size = 2, .groups = 3}.validate()),
                    "conv2d: groups must divide the channels, 4 in and 6 out, got 3");
  CHECK_THROWS_WITH((conv1d<4, 6>{.kernel_size = 2, .stride = 0}.validate()),
                    "conv1d: stride must be from 1 to 1000000, got 0");
  CHECK_THROWS_WITH((max_pool2d{.kernel_size = 2, .padding = {1, 2}}.output(sample)),
                    "max_pool2d: padding must be at most half of kernel_size, got 2 of 2");
  CHECK_THROWS_WITH((sequential{input<4, 3, 5>{}, avg_pool2d{.kernel_size = 4}}),
                    "sequential: layer 1: avg_pool2d: the kernel spans 4 places, of 3 in the padded input");
}
