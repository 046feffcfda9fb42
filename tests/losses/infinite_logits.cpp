// SPDX-License-Identifier: MIT
// A logit of infinity gives the limits of the loss and its derivatives: 0 on the side of the target, an infinite loss and the
// outermost slope on the other.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <fovea/fovea.hpp>

#include "../backends.hpp"

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Checks values, gradient and Hessian of 37 logits z, against the limits: whole registers and a tail.
template <class L> void tends_to(L const& loss, double z, double y, double value, double slope) {
  constexpr std::size_t n = 37;
  for_each_backend([&](auto const& b) {
    INFO("logit " << z << ", target " << y);
    auto const logits = tensor_from(b, std::array{n}, std::vector<double>(n, z)),
               targets = tensor_from(b, std::array{n}, std::vector<double>(n, y));
    auto const values = to_vector(fovea::values(b, loss, logits, targets));
    auto const found = fovea::value_gradient_and_hessian(b, loss, logits, targets, fovea::reduction::sum);
    auto const slopes = to_vector(found.gradient), curvatures = to_vector(found.hessian);
    CHECK(found.value == static_cast<double>(n) * value);
    for (std::size_t i = 0; i != n; ++i) {
      CHECK(values[i] == value);
      CHECK(double{slopes[i]} == Approx(slope).epsilon(1e-6));
      CHECK(curvatures[i] == 0);
    }
  });
}

template <class L> void has_limits(L const& loss, double alpha_1, double alpha_0, double gamma) {
  auto const at = [&](double alpha) { return alpha == 0 ? 0 : infinity; };
  tends_to(loss, infinity, 1, 0, 0);
  tends_to(loss, -infinity, 0, 0, 0);
  tends_to(loss, -infinity, 1, at(alpha_1), -alpha_1);
  tends_to(loss, infinity, 0, at(alpha_0), alpha_0);
  if (alpha_0 == 0 || alpha_1 == 0) return;
  double const y = 0.25, weight = alpha_1 * y + alpha_0 * (1 - y);
  tends_to(loss, infinity, y, infinity, weight * std::pow(1 - y, gamma + 1));
  tends_to(loss, -infinity, y, infinity, -weight * std::pow(y, gamma + 1));
}

}  // namespace

TEST_CASE("binary cross-entropy on logits tends to its limits") {
  has_limits(fovea::sigmoid_binary_cross_entropy{}, 1, 1, 0);
  fovea::sigmoid_binary_cross_entropy const weighted{.pos_weight = 4}, none{.pos_weight = 0};
  tends_to(weighted, infinity, 1, 0, 0);
  tends_to(weighted, -infinity, 1, infinity, -4);
  tends_to(none, -infinity, 1, 0, 0);
  tends_to(none, infinity, 0, infinity, 1);
}

TEST_CASE("the focal loss on logits tends to its limits") {
  for (double gamma : {0., 0.5, 1., 1.5, 2., 3.7, 5.}) {
    INFO("gamma " << gamma);
    has_limits(fovea::sigmoid_focal_loss{.gamma = gamma}, 1, 1, gamma);
    for (double alpha : {0., 0.25, 1.})
      has_limits(fovea::sigmoid_focal_loss{.gamma = gamma, .alpha = alpha}, alpha, 1 - alpha, gamma);
  }
}

TEST_CASE("softmax cross-entropy tends to its limits") {
  for (std::size_t classes : {2, 5, 40}) {
    for_each_backend([&](auto const& b) {
      constexpr std::size_t rows = 3;
      std::vector<double> z(rows * classes, 1);
      auto const last = classes - 1;
      z[0] = infinity;                 // class 0 is certain, and right
      z[classes + last] = infinity;    // the last class is certain, and wrong
      z[2 * classes + 1] = -infinity;  // the target is impossible
      auto to = b.template empty<std::int32_t>(std::array{rows});
      std::int32_t const targets[] = {0, 0, 1};
      b.copy(targets, fovea::data(to), rows);
      auto const logits = tensor_from(b, std::array{rows, classes}, z);
      auto const values = to_vector(fovea::values(b, fovea::softmax_cross_entropy{}, logits, to));
      CHECK(to_doubles(values) == std::vector<double>{0, infinity, infinity});
      auto const gradient = to_vector(
          fovea::value_and_gradient(b, fovea::softmax_cross_entropy{}, logits, to, fovea::reduction::sum).gradient);
      for (std::size_t c = 0; c != classes; ++c) {
        INFO("class " << c << " of " << classes);
        CHECK(gradient[c] == 0);
        CHECK(gradient[classes + c] == (c == 0 ? -1 : c == last ? 1 : 0));
        CHECK(double{gradient[2 * classes + c]} ==
              Approx(c == 1 ? -1 : 1 / static_cast<double>(classes - 1)).epsilon(1e-6));
      }
    });
  }
}
