// SPDX-License-Identifier: MIT
// Prints the tables of docs/losses.md: fovea's losses, exact values in long double, and published formulas evaluated in
// float as written. An empty line follows each table.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>

namespace {

struct slope_and_value {
  double value, slope;
};

template <class T, class L> slope_and_value computed(L const& loss, T x, T y) {
  std::vector<T> const predictions{x}, targets{y};
  auto const [value, gradient] = fovea::value_and_gradient(loss, predictions, targets);
  return {static_cast<double>(value), static_cast<double>(gradient[0])};
}

/// The focal loss for a target of 1, with each factor computed directly from the logit.
slope_and_value truth(long double z, long double gamma) {
  auto const softplus = [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); };
  long double const loss = softplus(-z), w = std::exp(-gamma * softplus(z));
  long double const p = std::exp(-loss), q = std::exp(-softplus(z));
  return {static_cast<double>(w * loss), static_cast<double>(-w * (gamma * p * loss + q))};
}

/// The correctly rounded sigmoid, the best that any float formula can return.
float sigmoid(float z) { return static_cast<float>(1 / (1 + std::exp(-static_cast<long double>(z)))); }
float cross_entropy(float z) { return std::max(-z, 0.f) + std::log1p(std::exp(-std::abs(z))); }

/// torchvision.ops.sigmoid_focal_loss for a target of 1, with its autograd derivative.
slope_and_value torchvision(float z, float gamma) {
  float const p = sigmoid(z), ce = cross_entropy(z), miss = 1 - p, modulator = std::pow(miss, gamma);
  return {ce * modulator, (p - 1) * modulator - ce * (gamma * std::pow(miss, gamma - 1)) * (p * (1 - p))};
}
/// Alibaba-MIIL/ASL, which takes the logarithm of max(p, 1e-8).
slope_and_value clamped(float z, float gamma) {
  float const p = sigmoid(z), log_p = std::log(std::max(p, 1e-8f)), modulator = std::pow(1 - p, gamma);
  float const slope = p > 1e-8f ? 1 - p : 0.f;
  return {-log_p * modulator, -slope * modulator + log_p * gamma * std::pow(1 - p, gamma - 1) * p * (1 - p)};
}
/// richardaecn/class-balanced-loss, which computes the modulator as exp(-gamma z - gamma log(1 + exp(-z))).
slope_and_value one_sided(float z, float gamma) {
  float const e = std::exp(-z), ce = cross_entropy(z), modulator = std::exp(-gamma * z - gamma * std::log1p(e));
  return {modulator * ce, modulator * (sigmoid(z) - 1) + modulator * (-gamma + gamma * e / (1 + e)) * ce};
}
/// (1 - exp(-bce))^gamma bce on a probability, for a target of 1, with its autograd derivative.
slope_and_value on_probability(float p, float gamma) {
  float const bce = -std::max(std::log(p), -100.f), hit = std::exp(-bce), modulator = std::pow(1 - hit, gamma);
  float const outer = modulator + bce * (gamma * std::pow(1 - hit, gamma - 1)) * hit;
  return {modulator * bce, outer * ((p - 1) / std::max(p * (1 - p), 1e-12f))};
}

/// artemmavrin/focal-loss and older kornia, which mix the focal terms of both classes.
struct two_term_focal_loss {
  double gamma = 2;
  template <fovea::real Z, fovea::real Y> constexpr Z operator()(Z const& z, Y const& y) const {
    using namespace fovea::math;
    return y * (sigmoid_power(-z, gamma) * softplus(-z)) + (Y(1) - y) * (sigmoid_power(z, gamma) * softplus(z));
  }
};

std::string shown(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", x);
  return std::isnan(x) ? "NaN" : x == 0 ? "0" : text;
}
void row(std::vector<std::string> const& cells) {
  for (auto const& c : cells) std::printf("| %s ", c.c_str());
  std::puts("|");
}
void head(std::vector<std::string> const& cells) {
  row(cells);
  for (std::size_t i = 0; i != cells.size(); ++i) std::printf("|---");
  std::puts("|");
}

/// Returns the prediction in [low, high] that minimizes a loss for this target.
template <class L> double minimizer(L const& loss, double y, double low, double high) {
  for (int i = 0; i != 200; ++i) {
    double const middle = (low + high) / 2;
    (computed(loss, middle, y).slope < 0 ? low : high) = middle;
  }
  return low;
}

}  // namespace

int main() {
  head({"logit", "gamma", "loss", "fovea", "torchvision's formula", "gradient", "fovea", "torchvision's formula"});
  for (float gamma : {2.f, 0.5f})
    for (float z : {10.f, 14.f, 16.f, 17.f, 20.f, 40.f}) {
      auto const t = truth(z, gamma), f = computed(fovea::sigmoid_focal_loss{gamma}, z, 1.f), v = torchvision(z, gamma);
      row({shown(z), shown(gamma), shown(t.value), shown(f.value), shown(v.value), shown(t.slope), shown(f.slope),
           shown(v.slope)});
    }
  std::puts("");

  head({"formula, at a logit of -120, gamma 2", "loss", "gradient"});
  auto const wrong = [](char const* name, slope_and_value s) { row({name, shown(s.value), shown(s.slope)}); };
  wrong("the truth", truth(-120, 2));
  wrong("fovea", computed(fovea::sigmoid_focal_loss{}, -120.f, 1.f));
  wrong("torchvision's", torchvision(-120, 2));
  wrong("log(max(p, 1e-8)), as in Alibaba-MIIL/ASL", clamped(-120, 2));
  wrong("exp(-gamma z - gamma log(1 + exp(-z))) as modulator, as in richardaecn/class-balanced-loss",
        one_sided(-120, 2));
  std::puts("");

  head({"probability", "gamma", "fovea's gradient", "autograd's"});
  for (float gamma : {2.f, 0.5f})
    for (float p : {0.5f, 1.f}) {
      auto const f = computed(fovea::focal_loss{gamma}, p, 1.f), a = on_probability(p, gamma);
      row({shown(p), shown(gamma), shown(f.slope), shown(a.slope)});
    }
  std::puts("");

  head({"target", "arithmetic: `sigmoid_focal_loss`", "geometric: `focal_loss`", "two terms"});
  for (double y : {0.1, 0.3, 0.5, 0.9}) {
    auto const sigmoid_of = [](double z) { return shown(1 / (1 + std::exp(-z))); };
    row({shown(y), sigmoid_of(minimizer(fovea::sigmoid_focal_loss{}, y, -30, 30)),
         shown(minimizer(fovea::focal_loss{}, y, 0, 1)), sigmoid_of(minimizer(two_term_focal_loss{}, y, -30, 30))});
  }
  std::puts("");

  head({"gamma", "steepest gradient", "Hessian negative where p_t is below", "most negative Hessian"});
  std::vector<double> z, gradient, hessian;
  for (int i = -30000; i <= 30000; ++i) z.push_back(i * 1e-3);
  std::vector<double> const ones(z.size(), 1);
  gradient = hessian = z;
  for (double gamma : {0., 0.5, 1., 2., 5.}) {
    fovea::sigmoid_focal_loss const loss{gamma};
    fovea::value_gradient_and_hessian(loss, z, ones, gradient, hessian, fovea::reduction::sum);
    double steepest = 0, least = 0, below = 0;
    for (std::size_t i = 0; i != z.size(); ++i) {
      steepest = std::max(steepest, -gradient[i]);
      least = std::min(least, hessian[i]);
      if (hessian[i] < 0) below = 1 / (1 + std::exp(-z[i]));
    }
    row({shown(gamma), shown(steepest), least < 0 ? shown(below) : "nowhere", shown(least)});
  }
  std::puts("");
}
