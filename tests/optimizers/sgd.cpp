// SPDX-License-Identifier: MIT
#include <limits>

#include <fovea/optimizers/sgd.hpp>

#include "torch_trajectory.hpp"

using fovea::sgd;

TEST_CASE("sgd follows PyTorch's SGD") {
  follows_torch("sgd", sgd{.learning_rate = 0.1});
  follows_torch("sgd_momentum", sgd{.learning_rate = 0.1, .momentum = 0.9});
  follows_torch("sgd_nesterov", sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
  follows_torch("sgd_momentum_weight_decay", sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01});
  follows_torch("sgd_momentum_dampening", sgd{.learning_rate = 0.1, .momentum = 0.9, .dampening = 0.3});
}

TEST_CASE("sgd rejects hyper-parameters outside their domain") {
  auto const nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_NOTHROW(sgd{}.validate());
  CHECK_NOTHROW((sgd{.learning_rate = 0}.validate()));
  CHECK_NOTHROW((sgd{.momentum = 0.9, .dampening = 0.5}.validate()));
  CHECK_THROWS_WITH((sgd{.learning_rate = -1}.validate()),
                    "sgd: learning_rate must be finite and not negative, got -1");
  CHECK_THROWS_WITH((sgd{.momentum = -0.5}.validate()), "sgd: momentum must be finite and not negative, got -0.5");
  CHECK_THROWS_WITH((sgd{.weight_decay = -2}.validate()), "sgd: weight_decay must be finite and not negative, got -2");
  CHECK_THROWS_WITH((sgd{.nesterov = true}.validate()),
                    "sgd: nesterov needs a momentum and no dampening; momentum, got 0");
  CHECK_THROWS_AS((sgd{.momentum = 0.9, .dampening = 0.1, .nesterov = true}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((sgd{.learning_rate = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((sgd{.momentum = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((sgd{.dampening = nan}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((sgd{.weight_decay = nan}.validate()), fovea::argument_error);
}

TEST_CASE("sgd ignores dampening without momentum, as PyTorch does") {
  sgd const plain{.learning_rate = 0.1}, dampened{.learning_rate = 0.1, .dampening = 0.5};
  double p[] = {1, 1}, velocity[] = {0, 0};
  for (double step = 1; step <= 3; ++step) {
    plain(plain.coefficients_at(step), p[0], 2 * p[0], velocity[0]);
    dampened(dampened.coefficients_at(step), p[1], 2 * p[1], velocity[1]);
  }
  CHECK(p[0] == p[1]);
  CHECK(p[0] == Approx(0.512));
}

TEST_CASE("rates, momenta and weight decays must be finite") {
  double const infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH((sgd{.learning_rate = infinity}.validate()),
                    "sgd: learning_rate must be finite and not negative, got inf");
  CHECK_THROWS_AS((sgd{.momentum = infinity}.validate()), fovea::argument_error);
  CHECK_THROWS_AS((sgd{.weight_decay = infinity}.validate()), fovea::argument_error);
}
