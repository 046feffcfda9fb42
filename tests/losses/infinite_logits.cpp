// SPDX-License-Identifier: MIT
// A logit of infinity gives the limits of the loss and its derivatives: 0 on the side of the target, an infinite loss and the
// outermost slope on the other.
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
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

template <class B> auto classes_of(B const& b, std::vector<std::int32_t> const& all) {
  auto to = b.template empty<std::int32_t>(std::array{all.size()});
  b.copy(all.data(), fovea::data(to), all.size());
  return to;
}
template <class B> auto doubles_of(B const& b, std::vector<double> const& all) {
  auto to = b.template empty<double>(std::array{all.size()});
  b.copy(all.data(), fovea::data(to), all.size());
  return to;
}

/// What one loss gives, by several functions: values that are equal, and tensors.
struct outcome {
  std::vector<double> values;
  std::vector<std::vector<double>> tensors;
};
void check_same(outcome const& found, outcome const& expected) {
  for (double const value : found.values) {
    CHECK(std::isfinite(value));
    CHECK(value == Approx(found.values[0]));
  }
  CHECK(found.values == expected.values);
  CHECK(found.values[0] == found.values[1]);
  CHECK(found.tensors == expected.tensors);
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
  for (std::size_t const classes : {2u, 5u, 40u}) {
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

TEST_CASE("every loss of a row's logits tends to its limits, and -infinity throughout is the uniform distribution") {
  for (std::size_t const classes : {2u, 5u, 40u}) {
    for_each_backend([&](auto const& b) {
      INFO(classes << " classes");
      constexpr std::size_t rows = 4;
      auto const k = static_cast<double>(classes);
      std::vector<double> z(rows * classes, 1);
      z[0] = infinity;                                                            // certain, and right
      z[2 * classes - 1] = infinity;                                              // certain, and wrong
      for (std::size_t c = 0; c != classes; ++c) z[2 * classes + c] = -infinity;  // nothing is possible
      auto const logits = tensor_from(b, std::array{rows, classes}, z);
      auto const y = classes_of(b, {0, 0, 1, 0});
      double const tolerance = by_precision(b, 2e-6, 1e-14);
      auto const check = [&](auto const& loss, double uniform, double slope) {
        auto const values = to_vector(fovea::values(b, loss, logits, y));
        CHECK(values[0] == 0);
        CHECK(values[1] == infinity);
        CHECK(double{values[2]} == Approx(uniform).epsilon(tolerance));
        CHECK(values[3] == values[2]);
        auto const found = fovea::value_and_gradient(b, loss, logits, y, fovea::reduction::sum);
        CHECK(found.value == infinity);
        auto const gradient = to_vector(found.gradient);
        for (std::size_t c = 0; c != classes; ++c) {
          INFO("class " << c);
          CHECK(gradient[c] == 0);
          CHECK(gradient[classes + c] == (c == 0 ? -1 : c == classes - 1 ? 1 : 0));
          CHECK(double{gradient[2 * classes + c]} == Approx(c == 1 ? -slope : slope / (k - 1)).epsilon(tolerance));
        }
      };
      double const miss = (k - 1) / k, entropy = std::log(k);
      check(fovea::softmax_cross_entropy{}, entropy, miss);
      check(fovea::softmax_poly_loss{.epsilon = 2}, entropy + 2 * miss, miss * (1 + 2 / k));
      check(fovea::softmax_focal_loss{.gamma = 2}, miss * miss * entropy, miss * miss * (miss + 2 / k * entropy));

      // by shares: with the Hessian, with probabilities and with smoothing
      auto const all = fovea::value_gradient_and_hessian(b, fovea::softmax_cross_entropy{}, logits, y);
      CHECK(all.value == infinity);
      auto const slopes = to_vector(all.gradient), curvatures = to_vector(all.hessian);
      for (std::size_t i = 0; i != 2 * classes; ++i) CHECK(curvatures[i] == 0);
      for (std::size_t c = 0; c != classes; ++c) {
        CHECK(double{slopes[2 * classes + c]} == Approx((c == 1 ? -miss : 1 / k) / rows).epsilon(tolerance));
        CHECK(double{curvatures[2 * classes + c]} == Approx(miss / k / rows).epsilon(tolerance));
      }
      std::vector<double> one_hot(rows * classes, 0);
      for (std::size_t r = 0; r != rows; ++r) one_hot[r * classes + (r == 2)] = 1;
      auto const p = tensor_from(b, std::array{rows, classes}, one_hot);
      auto const of_shares = to_vector(fovea::values(b, fovea::softmax_cross_entropy{}, logits, p));
      CHECK(of_shares[0] == 0);
      CHECK(of_shares[1] == infinity);
      CHECK(double{of_shares[2]} == Approx(entropy).epsilon(tolerance));
      auto const smooth = to_vector(fovea::values(b, fovea::softmax_cross_entropy{.label_smoothing = 0.1}, logits, y));
      CHECK(smooth[0] == infinity);
      CHECK(smooth[1] == infinity);
      CHECK(double{smooth[2]} == Approx(entropy).epsilon(tolerance));

      // the layers before a loss
      auto const after = [&](auto const& layer) {
        fovea::model const net(b, fovea::sequential{fovea::input<fovea::dynamic>{classes}, layer});
        return net.outputs(logits);
      };
      for (double const found : to_vector(after(fovea::softmax{}))) CHECK_FALSE(std::isnan(found));
      CHECK(double{to_vector(after(fovea::softmax{}))[2 * classes]} == Approx(1 / k).epsilon(tolerance));
      CHECK(double{to_vector(fovea::values(b, fovea::nll_loss{}, after(fovea::log_softmax{}), y))[2]} ==
            Approx(entropy).epsilon(tolerance));
    });
  }
}

TEST_CASE("a weight of 0 leaves nothing of an infinite loss, or of NaN") {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for_each_backend([&](auto const& b) {
    constexpr std::size_t n = 37;
    std::vector<double> z(n, 0.5), y(n, 0), w(n, 2), clean = z;
    for (std::size_t i = 0; i < n; i += 3) z[i] = i % 2 == 0 ? infinity : nan, w[i] = 0;
    auto const with = tensor_from(b, std::array{n}, w);
    auto const logits = tensor_from(b, std::array{n}, z), without = tensor_from(b, std::array{n}, clean),
               targets = tensor_from(b, std::array{n}, y);
    auto const check = [&](auto const& loss, auto const& option) {
      for (auto how : {fovea::reduction::mean, fovea::reduction::sum, fovea::reduction::weighted_mean}) {
        auto const of = [&](auto const& x) {
          auto const all = fovea::value_gradient_and_hessian(b, loss, x, targets, option, how);
          return outcome{{all.value, fovea::value(b, loss, x, targets, option, how)},
                         {to_doubles(to_vector(all.gradient)), to_doubles(to_vector(all.hessian))}};
        };
        check_same(of(logits), of(without));
      }
    };
    check(fovea::sigmoid_binary_cross_entropy{}, fovea::weights(with));
    check(fovea::sigmoid_focal_loss{.gamma = 0.5}, fovea::sample_weights(with));
    check(fovea::mean_squared_error{}, fovea::weights(with));

    constexpr std::size_t rows = 19;
    for (std::size_t const classes : {3u, 40u}) {
      INFO(classes << " classes");
      std::vector<double> numbers(rows * classes), of_row(rows, 2), of_class(classes, 1);
      for (std::size_t i = 0; i != numbers.size(); ++i) numbers[i] = -0.1 * static_cast<double>(i % 7);
      auto fine = numbers;
      std::vector<std::int32_t> to(rows);
      for (std::size_t r = 0; r != rows; ++r) {
        to[r] = static_cast<std::int32_t>(r % 3);
        if (r % 3 != 1) continue;
        numbers[r * classes + 1] = r % 2 == 0 ? -infinity : nan;
        of_row[r] = 0;
      }
      of_class[1] = 0;
      auto const x = tensor_from(b, std::array{rows, classes}, numbers),
                 x_fine = tensor_from(b, std::array{rows, classes}, fine);
      auto const classes_to = classes_of(b, to);
      auto const row_weights = tensor_from(b, std::array{rows}, of_row);
      auto const class_weights = doubles_of(b, of_class);
      auto const same = [&](auto const& loss, auto const&... options) {
        for (auto how : {fovea::reduction::mean, fovea::reduction::sum, fovea::reduction::weighted_mean}) {
          auto const of = [&](auto const& scores) {
            auto const found = fovea::value_and_gradient(b, loss, scores, classes_to, options..., how);
            outcome all{{found.value, fovea::value(b, loss, scores, classes_to, options..., how)},
                        {to_doubles(to_vector(found.gradient))}};
            if constexpr (std::same_as<decltype(loss), fovea::softmax_cross_entropy const&>) {
              auto const more = fovea::value_gradient_and_hessian(b, loss, scores, classes_to, options..., how);
              all.values.push_back(more.value);
              all.tensors.push_back(to_doubles(to_vector(more.gradient)));
              all.tensors.push_back(to_doubles(to_vector(more.hessian)));
            }
            return all;
          };
          check_same(of(x), of(x_fine));
        }
      };
      fovea::class_weights const w_class(class_weights);
      same(fovea::softmax_cross_entropy{}, fovea::sample_weights(row_weights));
      same(fovea::softmax_cross_entropy{.weight = w_class});
      same(fovea::nll_loss{}, fovea::sample_weights(row_weights));
      same(fovea::nll_loss{.weight = w_class});
      same(fovea::softmax_focal_loss{}, fovea::sample_weights(row_weights));
      same(fovea::softmax_focal_loss{.weight = w_class});
      same(fovea::softmax_poly_loss{}, fovea::sample_weights(row_weights));
      same(fovea::multi_margin_loss{}, fovea::sample_weights(row_weights));
      same(fovea::multi_margin_loss{.weight = w_class});
      same(fovea::cosine_loss{}, fovea::sample_weights(row_weights));
      same(fovea::sigmoid_dice_loss{}, fovea::sample_weights(row_weights));
    }
  });
}
