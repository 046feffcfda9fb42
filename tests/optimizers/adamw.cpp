// SPDX-License-Identifier: MIT
#include <array>
#include <vector>

#include <fovea/layers/linear.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/adamw.hpp>
#include <fovea/training/trainer.hpp>

#include "torch_trajectory.hpp"

using fovea::adamw;

TEST_CASE("adamw follows PyTorch's AdamW") {
  follows_torch("adamw", adamw{.learning_rate = 1e-2, .weight_decay = 0.05});
  follows_torch("adamw_betas",
                adamw{.learning_rate = 1e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.05});
}

TEST_CASE("adamw rejects hyper-parameters outside their domain") {
  CHECK_NOTHROW(adamw{}.validate());
  CHECK_THROWS_WITH((adamw{.weight_decay = -1}.validate()),
                    "adamw: weight_decay must be finite and not negative, got -1");
  CHECK_THROWS_AS((adamw{.learning_rate = -1}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adamw{.beta1 = 1}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adamw{.beta2 = 1}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((adamw{.epsilon = -1}.validate()), fovea::argument_error);
}

TEST_CASE("adamw without weight decay equals adam") {
  for_each_backend([&](auto const& b) {
    fovea::sequential const net{fovea::linear<3, 2>{}};
    auto const x = tensor_from(b, std::array<std::size_t, 2>{2, 3}, std::vector{1., -2., 0.5, 0.25, 3., -1.});
    auto const y = tensor_from(b, std::array<std::size_t, 2>{2, 2}, std::vector{1., 0., 0., 1.});
    fovea::trainer plain{b, net, fovea::mean_squared_error{}, fovea::adam{}};
    fovea::trainer decoupled{b, net, fovea::mean_squared_error{}, adamw{.weight_decay = 0}};
    for (int i = 0; i != 5; ++i) plain.step(x, y), decoupled.step(x, y);
    CHECK(to_vector(plain.parameters()) == to_vector(decoupled.parameters()));
  });
}
