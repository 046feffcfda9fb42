// SPDX-License-Identifier: MIT
// What layers do with running statistics and epsilon; how they normalize is compared with PyTorch in layers/torch.
#include <cmath>
#include <cstdint>
#include <limits>

#include <fovea/backends/host.hpp>
#include <fovea/layers/activations.hpp>
#include <fovea/layers/batch_norm.hpp>
#include <fovea/layers/group_norm.hpp>
#include <fovea/layers/normalization.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

#include "../catch.hpp"

TEST_CASE("running statistics of a channel that is 0 reach 0 and are never denormal") {
  float const batch_mean = 0;
  float running_mean = 1, running_var = 1, rate = 0;
  std::int64_t const batches = 1;
  fovea::formulas::finish_statistics<float> const step{&batch_mean, &rate, &running_mean, &running_var,
                                                       &batches,    8,     1e-5,          0.1};
  bool denormal = false;
  for (int i = 0; i != 2000; ++i) {
    rate = 0;  // the sum of squared differences
    step(0);
    for (float const x : {running_mean, running_var}) denormal = denormal || std::fpclassify(x) == FP_SUBNORMAL;
  }
  CHECK_FALSE(denormal);
  CHECK(running_mean == 0);
  CHECK(running_var == 0);
}

TEST_CASE("an epsilon of a layer is finite, and neither 0 nor denormal in the value type unless it is 0") {
  auto const float_refuses = [](auto const& layer) {
    CHECK_THROWS_AS(fovea::detail::validate_layers<float>(layer, fovea::extents<4, 4>{}), fovea::argument_error);
  };
  auto const refused = [&](auto layer) {
    layer.epsilon = 1e-60;
    float_refuses(layer);
    CHECK_NOTHROW(fovea::detail::validate_layers<double>(layer, fovea::extents<4, 4>{}));
    layer.epsilon = 1e-40;
    float_refuses(layer);
    layer.epsilon = 0;
    CHECK_NOTHROW(fovea::detail::validate_layers<float>(layer, fovea::extents<4, 4>{}));
    for (double const never : {std::numeric_limits<double>::infinity(), std::nan(""), -1e-5, 1e300}) {
      layer.epsilon = never;
      CHECK_THROWS_AS(layer.validate(), fovea::argument_error);
    }
  };
  refused(fovea::layer_norm{}), refused(fovea::rms_norm{}), refused(fovea::batch_norm{});
  refused(fovea::group_norm{.num_groups = 2}), refused(fovea::instance_norm{});
  float_refuses(fovea::softplus{{.beta = 1e-60}}), float_refuses(fovea::celu{{.alpha = 1e-60}});
  float_refuses(fovea::sequential{fovea::relu{}, fovea::layer_norm{.epsilon = 1e-60}});
  CHECK_THROWS_WITH((fovea::model{fovea::host_backend<float>{},
                                  fovea::sequential{fovea::input<4>{}, fovea::layer_norm{.epsilon = 1e-60}}}),
                    "layer_norm: epsilon must not round to 0 or to a denormal number of the backend's type, got 1e-60");
}
