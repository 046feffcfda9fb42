// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/sam.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

namespace {

/// The gradient of the mean squared error of a linear model with weights w and, last, its bias.
std::vector<double> gradient_at(std::vector<double> const& w, std::vector<double> const& x,
                                std::vector<double> const& y) {
  std::vector<double> g(4);
  for (std::size_t r = 0; r != y.size(); ++r) {
    double error = w[3] - y[r];
    for (std::size_t i = 0; i != 3; ++i) error += w[i] * x[3 * r + i];
    for (std::size_t i = 0; i != 4; ++i)
      g[i] += 2 * error * (i == 3 ? 1 : x[3 * r + i]) / static_cast<double>(y.size());
  }
  return g;
}

}  // namespace

TEST_CASE("sam takes the steps of its definition, with the trainer's optimizer") {
  auto const check = [](auto const& b) {
    for (bool const adaptive : {false, true}) {
      auto const x = drawn(21, 1), y = drawn(7, 2);
      fovea::trainer t{b, fovea::sequential{fovea::linear<3, 1>{}}, fovea::mean_squared_error{},
                       fovea::sgd{.learning_rate = 0.05, .momentum = 0.5}};
      fovea::sam sharpness{b, {.rho = 0.3, .adaptive = adaptive}};
      auto const xs = tensor_from(b, std::array<std::size_t, 2>{7, 3}, x),
                 ys = tensor_from(b, std::array<std::size_t, 2>{7, 1}, y);
      auto w = to_doubles(to_vector(t.parameters()));
      std::vector<double> velocity(4);
      double first = 0, last = 0;
      for (int step = 0; step != 30; ++step) {
        last = sharpness.step(t, xs, ys);
        if (step == 0) first = last;
        auto const g = gradient_at(w, x, y);
        double squares = 0;
        for (std::size_t i = 0; i != 4; ++i) squares += std::pow(adaptive ? w[i] * g[i] : g[i], 2);
        auto worst = w;
        for (std::size_t i = 0; i != 4; ++i)
          worst[i] += 0.3 * g[i] * (adaptive ? w[i] * w[i] : 1) / (std::sqrt(squares) + 1e-12);
        auto const there = gradient_at(worst, x, y);
        for (std::size_t i = 0; i != 4; ++i) velocity[i] = 0.5 * velocity[i] + there[i], w[i] -= 0.05 * velocity[i];
        REQUIRE(max_difference(to_vector(t.parameters()), w) < by_precision(b, 1e-5, 1e-12));
      }
      CHECK(last < first);
      CHECK(t.steps() == 30);
    }
  };
  check(fovea::host_backend<double>{});
  check(main_backend<float>{});
  CHECK_THROWS_WITH((fovea::sam{fovea::host_backend<double>{}, {.rho = 0}}),
                    "sam: rho must be finite and above 0, got 0");
}
