// SPDX-License-Identifier: MIT
// How batch_norm normalizes is compared with PyTorch in layers/torch.
#include <cmath>
#include <cstdint>

#include <fovea/layers/batch_norm.hpp>

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
