// SPDX-License-Identifier: MIT
// Further layers of the catalogue, in PyTorch's numbers.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "torch_case.hpp"

using fovea::dynamic;
using fovea::extents;

namespace {

/// Compares a layer with its case on the host, in double.
template <class Layer, class Sample>
void is_torchs_on_host(char const* name, Layer const& layer, Sample const& sample) {
  INFO(name);
  compare_on<void>(fovea::host_backend<double>{}, "catalogue", name, net_of(layer), sample);
}

/// Returns y, and dx for dy = 1, of rows of one number while training.
template <class Layer> auto trained(Layer const& layer, double number, std::size_t rows, std::size_t first = 0) {
  using B = fovea::host_backend<double>;
  B const b;
  double const step = 4;
  alone one(b, layer, extents<3>{});
  one.draw = {1, &step, 0, first};
  owned_batch<B, double, extents<3>> x(b, {}, rows, std::vector<double>(3 * rows, number)), y(b, {}, rows, {}),
      dx(b, {}, rows, {}), dy(b, {}, rows, std::vector<double>(3 * rows, 1));
  one.template run<true>(x.read(), y.span(), dy.span(), dx.span());
  return std::pair{y.get(), dx.get()};
}

}  // namespace

TEST_CASE("group_norm and instance_norm are PyTorch's", "[group_norm]") {
  using fovea::group_norm, fovea::instance_norm;
  extents<dynamic, dynamic, dynamic> const image({4, 2, 3});
  is_torchs_on_host("group_norm", group_norm{2}, image);
  compare_on<void>(main_backend<float>{}, "catalogue", "group_norm", net_of(group_norm{2}), image);
  is_torchs_on_host("group_norm_features", group_norm{.num_groups = 3, .epsilon = 1e-3}, extents<6>{});
  is_torchs_on_host("group_norm_plain", group_norm{.affine = false}, extents<3, 4>{});
  is_torchs_on_host("instance_norm", instance_norm{}, extents<dynamic, dynamic, dynamic>({3, 2, 4}));
  is_torchs_on_host("instance_norm_affine", instance_norm{.epsilon = 1e-3, .affine = true}, extents<3, 5>{});
  CHECK_THROWS_WITH(group_norm{3}.output(image), "group_norm: num_groups must divide the channels, 4, got 3");
  CHECK_THROWS_WITH(group_norm{0}.validate(), "group_norm: num_groups must be at least 1, got 0");
  CHECK_THROWS_WITH(instance_norm{}.output(extents<3, 1>{}), "instance_norm: a channel of one element has no variance");
}

TEST_CASE("adaptive pools are PyTorch's", "[adaptive_pool]") {
  extents<dynamic, dynamic, dynamic> const image({2, 5, 4});
  is_torchs_on_host("adaptive_avg_pool2d", fovea::adaptive_avg_pool2d{{3, 2}}, image);
  is_torchs_on_host("adaptive_avg_pool1d", fovea::adaptive_avg_pool1d{4}, extents<2, 3>{});
  is_torchs_on_host("adaptive_max_pool2d", fovea::adaptive_max_pool2d{{2, 3}}, image);
  is_torchs_on_host("adaptive_max_pool1d", fovea::adaptive_max_pool1d{3}, extents<2, 7>{});
  CHECK_THROWS_WITH(fovea::adaptive_avg_pool2d{}.output(image),
                    "adaptive_avg_pool2d: output_size must be from 1 to 1000000, got 0");
}

TEST_CASE("upsample is PyTorch's", "[upsample]") {
  using fovea::upsample1d, fovea::upsample2d;
  constexpr auto linear = fovea::interpolation::linear;
  using image = extents<dynamic, dynamic, dynamic>;
  is_torchs_on_host("upsample_nearest", upsample2d{.scale_factor = 2}, image({2, 2, 3}));
  is_torchs_on_host("upsample_nearest_size", upsample1d{.size = 5}, extents<dynamic, dynamic>({2, 3}));
  is_torchs_on_host("upsample_bilinear", upsample2d{.scale_factor = {{3, 2}}, .mode = linear}, image({2, 2, 3}));
  is_torchs_on_host("upsample_bilinear_size", upsample2d{.size = {{3, 1}}, .mode = linear}, image({2, 5, 4}));
  is_torchs_on_host("upsample_bilinear_corners", upsample2d{.size = {{5, 1}}, .mode = linear, .align_corners = true},
                    image({2, 3, 4}));
  is_torchs_on_host("upsample_linear", upsample1d{.scale_factor = 2, .mode = linear, .align_corners = true},
                    extents<dynamic, dynamic>({2, 3}));
  CHECK_THROWS_WITH(upsample2d{}.validate(), "upsample2d: takes either size or scale_factor, got none");
  CHECK_THROWS_WITH((upsample2d{.scale_factor = 2, .align_corners = true}.validate()),
                    "upsample2d: align_corners is an option of linear interpolation, got nearest");
  CHECK_THROWS_WITH(upsample1d{.scale_factor = 0}.validate(),
                    "upsample1d: scale_factor must be from 1 to 1000000, got 0");
}

TEST_CASE("padding is PyTorch's", "[padding]") {
  extents<dynamic, dynamic, dynamic> const image({2, 2, 3});
  is_torchs_on_host("zero_pad2d", fovea::zero_pad2d{{1, 0, 2, 1}}, image);
  is_torchs_on_host("constant_pad2d", fovea::constant_pad2d{.padding = 1, .value = -1.5}, image);
  is_torchs_on_host("constant_pad1d", fovea::constant_pad1d{.padding = {0, 2}, .value = 0.5}, extents<2, 3>{});
  is_torchs_on_host("reflection_pad2d", fovea::reflection_pad2d{{2, 1, 0, 1}}, image);
  is_torchs_on_host("reflection_pad1d", fovea::reflection_pad1d{2}, extents<2, 3>{});
  is_torchs_on_host("replication_pad2d", fovea::replication_pad2d{{2, 1, 0, 3}}, image);
  CHECK_THROWS_WITH(fovea::reflection_pad2d{2}.output(image),
                    "reflection_pad: padding must be below the extent, 2, got 2");
}

TEST_CASE("positional_encoding is that of the paper", "[positional_encoding]") {
  is_torchs_on_host("positions", fovea::positional_encoding{}, extents<dynamic, dynamic>({4, 6}));
  is_torchs_on_host("positions_odd", fovea::positional_encoding{}, extents<3, 5>{});
  CHECK_THROWS_WITH(fovea::positional_encoding{1}.validate(),
                    "positional_encoding: base must be finite and above 1, got 1");
}

TEST_CASE("drop_path drops whole rows, the same ones wherever a row lies", "[drop_path]") {
  std::size_t const rows = 20'000;
  auto const [y, dx] = trained(fovea::drop_path{0.3}, 2, rows);
  double kept = 0;
  for (std::size_t r = 0; r != rows; ++r) {
    bool const is_kept = y[3 * r] != 0;
    kept += is_kept ? 1 : 0;
    for (std::size_t i = 3 * r; i != 3 * r + 3; ++i) {
      REQUIRE(y[i] == Approx(is_kept ? 2 / 0.7 : 0));
      REQUIRE(dx[i] == Approx(is_kept ? 1 / 0.7 : 0));
    }
  }
  CHECK(std::abs(kept / static_cast<double>(rows) - 0.7) < 5 * std::sqrt(0.3 * 0.7 / static_cast<double>(rows)));
  auto const part = trained(fovea::drop_path{0.3}, 2, 50, 100).first;
  CHECK(std::equal(part.begin(), part.end(), y.begin() + 300));
  CHECK(trained(fovea::drop_path{1}, 2, 5).first == std::vector<double>(15, 0));
  CHECK(trained(fovea::drop_path{0}, 2, 5).first == std::vector<double>(15, 2));
  CHECK_THROWS_WITH(fovea::drop_path{1.5}.validate(), "drop_path: p must be in [0, 1], got 1.5");
}

TEST_CASE("alpha_dropout is PyTorch's formula, and drops what dropout drops", "[alpha_dropout]") {
  std::size_t const rows = 100;
  double const p = 0.3, least = 1.7580993408473766, a = 1 / std::sqrt((least * least * p + 1) * (1 - p));
  auto const [y, dx] = trained(fovea::alpha_dropout{p}, 2, rows);
  auto const dropped = trained(fovea::dropout{p}, 2, rows).first;
  std::size_t count = 0;
  for (std::size_t i = 0; i != y.size(); ++i) {
    bool const is_dropped = dropped[i] == 0;
    count += is_dropped ? 1 : 0;
    CHECK(y[i] == Approx(is_dropped ? a * least * (p - 1) : 2 * a + a * least * p).epsilon(1e-14));
    CHECK(dx[i] == Approx(is_dropped ? 0 : a).epsilon(1e-14));
  }
  CHECK((count > 60 && count < 120));
  CHECK(trained(fovea::alpha_dropout{1}, 2, 5).first == std::vector<double>(15, 0));
  CHECK(trained(fovea::alpha_dropout{0}, 2, 5).first == std::vector<double>(15, 2));
  CHECK_THROWS_WITH(fovea::alpha_dropout{-0.5}.validate(), "alpha_dropout: p must be in [0, 1], got -0.5");
}
