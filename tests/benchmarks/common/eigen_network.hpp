// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace with_eigen {

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using row_vector = Eigen::RowVectorXf;
using array = Eigen::ArrayXf;

/// Performs one step of Adam on arrays of any shape.
template <class P, class G> void adam(P p, G g, P m, P v, int step, float decay = 0) {
  auto const rate = static_cast<float>(1e-3 / (1 - std::pow(0.9, step)));
  auto const correction = static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, step)));
  m = 0.9f * m + 0.1f * g;
  v = 0.999f * v + 0.001f * g.square();
  p = p * (1 - 1e-3f * decay) - rate * m / (v.sqrt() * correction + 1e-8f);
}

struct formulas {
  static auto softplus(auto const& z) { return z.max(0.f) + (1 + (-z.abs()).exp()).log(); }
};

/// Hand-written backpropagation on Eigen's matrices.
class network {
 public:
  network(std::span<std::size_t const> widths) {
    for (std::size_t i = 1; i < widths.size(); ++i) {
      auto const in = static_cast<Eigen::Index>(widths[i - 1]), out = static_cast<Eigen::Index>(widths[i]);
      auto const bound = 1 / std::sqrt(static_cast<float>(in));
      layer l;
      l.weights = matrix::Random(out, in) * bound, l.bias = row_vector::Random(out) * bound;
      l.weights_m = l.weights_v = matrix::Zero(out, in), l.bias_m = l.bias_v = row_vector::Zero(out);
      layers_.push_back(std::move(l));
    }
  }
  template <class X> matrix const& forward(X const& x) {
    for (std::size_t l = 0; l != layers_.size(); ++l) {
      auto& y = layers_[l].output;
      if (l == 0) y.noalias() = x * layers_[l].weights.transpose();
      else y.noalias() = layers_[l - 1].output * layers_[l].weights.transpose();
      y.rowwise() += layers_[l].bias;
      if (l + 1 != layers_.size()) y = y.cwiseMax(0.f);
    }
    return layers_.back().output;
  }
  /// Performs one training step. `slope(z, y, dz)` writes the loss's derivative in each output and returns the mean loss.
  template <class X, class Y, class Slope> float step(X const& x, Y const& y, Slope const& slope) {
    auto const& z = forward(x);
    auto const loss = slope(z, y, layers_.back().delta);
    ++steps_;
    for (auto l = layers_.size(); l-- > 0;) {
      auto& here = layers_[l];
      here.bias_gradient = here.delta.colwise().sum();
      if (l == 0) {
        here.gradient.noalias() = here.delta.transpose() * x;
        continue;
      }
      auto& below = layers_[l - 1];
      here.gradient.noalias() = here.delta.transpose() * below.output;
      below.delta.noalias() = here.delta * here.weights;
      below.delta = (below.output.array() > 0).select(below.delta, 0.f);
    }
    for (auto& l : layers_) {
      adam(l.weights.array(), l.gradient.array(), l.weights_m.array(), l.weights_v.array(), steps_);
      adam(l.bias.array(), l.bias_gradient.array(), l.bias_m.array(), l.bias_v.array(), steps_);
    }
    return loss;
  }

 private:
  struct layer {
    matrix weights, gradient, weights_m, weights_v, output, delta;
    row_vector bias, bias_gradient, bias_m, bias_v;
  };
  std::vector<layer> layers_;
  int steps_ = 0;
};

inline float bce(matrix const& z, matrix const& y, matrix& slope) {
  auto const n = static_cast<float>(z.size());
  auto const a = z.array(), t = y.array();
  slope = (a.logistic() - t) / n;
  return (formulas::softplus(a) - a * t).sum() / n;
}

/// Focal loss on logits with gamma 4, without alpha.
inline float focal_4(matrix const& z, matrix const& y, matrix& slope) {
  auto const n = static_cast<float>(z.size());
  matrix const sign = 2 * y.array() - 1;
  matrix const t = sign.array() * z.array();
  matrix const p = t.array().logistic(), log_p = -formulas::softplus(-t.array());
  matrix const power = (1 - p.array()).square().square();
  slope = sign.array() * power.array() * (4 * p.array() * log_p.array() - (1 - p.array())) / n;
  return -(power.array() * log_p.array()).sum() / n;
}

}  // namespace with_eigen
