// SPDX-License-Identifier: MIT
// A loss of your own is one formula. fovea derives the gradient and the Hessian; this program checks both against finite
// differences.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

/// PolyLoss on logits: Leng et al. (2022), cross-entropy + epsilon (1 - p_t).
struct sigmoid_poly_loss {
  double epsilon = 1;

  constexpr fovea::sigmoid inverse_link() const { return {}; }  // a trainer's `predict` applies this to the logits

  // Z is a number, a SIMD batch, or either with derivatives; Y is the same without derivatives. The formula therefore uses
  // fovea::math instead of `if` and std::exp. Its primitives and their derivatives are accurate in the tails.
  template <fovea::real Z, fovea::real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    Z const miss = (Y(1) - y) * fovea::math::sigmoid(z) + y * fovea::math::sigmoid(-z);
    Z const cross_entropy = (Y(1) - y) * fovea::math::softplus(z) + y * fovea::math::softplus(-z);
    return cross_entropy + fovea::math::constant<Y>(epsilon) * miss;
  }

  // Optional. Every function that takes the loss calls `validate` first.
  void validate() const { fovea::require(epsilon >= -1, "sigmoid_poly_loss: epsilon must be at least -1", epsilon); }
};
static_assert(fovea::elementwise_loss<sigmoid_poly_loss>);

int main() {
  sigmoid_poly_loss const loss{.epsilon = 2};
  xt::xtensor<double, 1> const z = {-6, -1, 0, 2, 6, -3, 0.5, 4};
  xt::xtensor<double, 1> const y = {1, 1, 1, 1, 1, 0, 0.3, 0};

  auto const sum = fovea::reduction::sum;  // each element of the gradient is then the slope of that element's loss
  auto const [total, gradient, hessian] = fovea::value_gradient_and_hessian(loss, z, y, sum);

  double const h = 1e-3;
  auto const losses_at = [&](double step) { return fovea::values(loss, xt::eval(z + step), y); };
  auto const slopes_at = [&](double step) { return fovea::gradient(loss, xt::eval(z + step), y, sum); };
  // Five-point differences, whose error is of order h^4.
  auto const derivative = [&](auto const& f) {
    return xt::eval((f(-2 * h) - 8 * f(-h) + 8 * f(h) - f(2 * h)) / (12 * h));
  };
  auto const slope = derivative(losses_at), curvature = derivative(slopes_at);

  std::printf("%5s %4s %10s %12s %12s %12s %12s\n", "z", "y", "loss", "gradient", "difference", "Hessian",
              "difference");
  auto const losses = losses_at(0);
  double worst = 0;
  for (std::size_t i = 0; i != z.size(); ++i) {
    std::printf("%5g %4g %10.6f %12.8f %12.8f %12.8f %12.8f\n", z[i], y[i], losses[i], gradient[i], slope[i],
                hessian[i], curvature[i]);
    worst = std::max({worst, std::abs(gradient[i] - slope[i]), std::abs(hessian[i] - curvature[i])});
  }
  bool const right = worst < 1e-9;
  std::printf("sum %.6f; largest difference %.0e: %s\n", total, worst, right ? "they agree" : "WRONG");

  try {
    fovea::value(sigmoid_poly_loss{.epsilon = -2}, z, y);
  } catch (fovea::argument_error const& e) {
    std::printf("a mistake: %s\n", e.what());
  }
  return right ? 0 : 1;
}
