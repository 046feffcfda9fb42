// SPDX-License-Identifier: MIT
// Layers of several inputs, bags of integers, Fourier features, and rotations of pairs of features, in PyTorch's numbers.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include <fovea/layers/bilinear.hpp>
#include <fovea/layers/embedding_bag.hpp>
#include <fovea/layers/film.hpp>
#include <fovea/layers/fourier_features.hpp>
#include <fovea/layers/rotary_embedding.hpp>

#include "torch_case.hpp"

using fovea::dynamic;
using fovea::extents;

TEST_CASE("bilinear is PyTorch's", "[bilinear]") {
  fovea::host_backend<double> const b;
  using two = std::tuple<double, double>;
  compare_on<two>(b, "pairs", "bilinear", net_of(fovea::bilinear<3, 4, 2>{}), std::tuple{extents<3>{}, extents<4>{}});
  compare_on<std::tuple<float, float>>(main_backend<float>{}, "pairs", "bilinear", net_of(fovea::bilinear<3, 4, 2>{}),
                                       std::tuple{extents<3>{}, extents<4>{}});
  compare_on<two>(b, "pairs", "bilinear_no_bias",
                  net_of(fovea::bilinear<>{.in1 = 2, .in2 = 1, .out = 3, .bias = false}),
                  std::tuple{extents<dynamic>({2}), extents<dynamic>({1})});
  CHECK_THROWS_WITH((fovea::bilinear{2, 1, 3}.output(std::tuple{extents<3>{}, extents<1>{}})),
                    "bilinear takes 2 and 1 features, the layer before it gives 3 and 1");
  CHECK_THROWS_AS(fovea::bilinear<>{}.validate(), fovea::argument_error);
}

TEST_CASE("embedding_bag is PyTorch's", "[embedding_bag]") {
  fovea::host_backend<double> const b;
  compare_on<std::int64_t>(b, "pairs", "embedding_bag", net_of(fovea::embedding_bag<9, 3>{.padding_index = 2}),
                           extents<4>{});
  compare_on<std::int32_t>(main_backend<float>{}, "pairs", "embedding_bag_sum",
                           net_of(fovea::embedding_bag<>{.count = 4, .width = 5, .mode = fovea::bag_mode::sum}),
                           extents<dynamic>({3}));
  CHECK_THROWS_AS((fovea::embedding_bag{0, 2}.validate()), fovea::argument_error);
}

TEST_CASE("film scales and shifts channels", "[film]") {
  fovea::host_backend<double> const b;
  using three = std::tuple<double, double, double>;
  extents<3> const channels{};
  compare_on<three>(b, "pairs", "film", net_of(fovea::film{}), std::tuple{extents<3, 2, 2>{}, channels, channels});
  extents<dynamic> const features({4});
  compare_on<three>(b, "pairs", "film_features", net_of(fovea::film{}), std::tuple{features, features, features});
  CHECK_THROWS_WITH(fovea::film{}.output(std::tuple{features, features, channels}),
                    "film: there are 4 channels, 4 scales and 3 shifts");
}

TEST_CASE("fourier_features are complex exponentials, and their frequencies normal", "[fourier_features]") {
  fovea::host_backend<double> const b;
  fovea::fourier_features const five{.features = 5};
  compare_on<void>(b, "pairs", "fourier", net_of(five), extents<2>{});
  compare_on<void>(main_backend<float>{}, "pairs", "fourier", net_of(five), extents<2>{});
  compare_on<void>(b, "pairs", "fourier_sequence", net_of(fovea::fourier_features{.features = 2}),
                   extents<dynamic, dynamic>({3, 3}));
  alone one(b, fovea::fourier_features{.features = 1000, .sigma = 3}, extents<2>{});
  double sum = 0, squares = 0;
  for (double const f : to_vector(one.state)) sum += f, squares += f * f;
  CHECK(std::abs(sum / 2000) < 4 * 3 / std::sqrt(2000.));
  CHECK(squares / 2000 == Approx(9).epsilon(4 * std::sqrt(2 / 2000.)));
  CHECK_THROWS_AS(fovea::fourier_features{}.validate(), fovea::argument_error);
  CHECK_THROWS_AS((fovea::fourier_features{.features = 1, .sigma = 0}.validate()), fovea::argument_error);
}

TEST_CASE("rotary_embedding is a product of complex numbers", "[rotary_embedding]") {
  fovea::host_backend<double> const b;
  fovea::rotary_embedding const two_heads{.heads = 2};
  compare_on<void>(b, "pairs", "rotary", net_of(two_heads), extents<3, 8>{});
  compare_on<void>(main_backend<float>{}, "pairs", "rotary", net_of(two_heads), extents<3, 8>{});
  compare_on<void>(b, "pairs", "rotary_halves", net_of(fovea::rotary_embedding{.base = 100, .interleaved = false}),
                   extents<dynamic, dynamic>({4, 6}));
  CHECK_THROWS_WITH(two_heads.output(extents<3, 6>{}), "rotary_embedding: 2 heads must have even parts of the width 6");
  CHECK_THROWS_AS(fovea::rotary_embedding{.base = 1}.validate(), fovea::argument_error);
}
