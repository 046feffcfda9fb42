// SPDX-License-Identifier: MIT
#include <limits>

#include <fovea/optimizers/adam.hpp>

#include "torch_trajectory.hpp"

using fovea::adam;

TEST_CASE("adam follows PyTorch's Adam") {
  follows_torch("adam", adam{.learning_rate = 1e-2});
  follows_torch("adam_weight_decay",
                adam{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.02});
}

TEST_CASE("adam rejects hyper-parameters outside their domain") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_NOTHROW(adam{}.validate());
  CHECK_NOTHROW((adam{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .epsilon = 0}.validate()));
  CHECK_THROWS_WITH((adam{.learning_rate = -1}.validate()), "adam: learning_rate must not be negative, got -1.000000");
  CHECK_THROWS_WITH((adam{.beta1 = 1}.validate()), "adam: beta1 must be in [0, 1), got 1.000000");
  CHECK_THROWS_WITH((adam{.beta2 = -0.25}.validate()), "adam: beta2 must be in [0, 1), got -0.250000");
  CHECK_THROWS_WITH((adam{.epsilon = -1}.validate()), "adam: epsilon must not be negative, got -1.000000");
  CHECK_THROWS_WITH((adam{.weight_decay = -1}.validate()), "adam: weight_decay must not be negative, got -1.000000");
  CHECK_THROWS_AS((adam{.learning_rate = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adam{.beta1 = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adam{.beta2 = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adam{.epsilon = nan}.validate()), fovea::argument_error);
}
