// SPDX-License-Identifier: MIT
#pragma once

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "hand_formulas.hpp"

namespace by_hand {

inline void adam(std::size_t n, float* __restrict p, float const* __restrict g, float* __restrict m,
                 float* __restrict v, int step, float decay = 0) {
  auto const rate = static_cast<float>(1e-3 / (1 - std::pow(0.9, step)));
  auto const correction = static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, step)));
  for (std::size_t i = 0; i != n; ++i) {
    m[i] = 0.9f * m[i] + 0.1f * g[i];
    v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
    p[i] = p[i] * (1 - 1e-3f * decay) - rate * m[i] / (std::sqrt(v[i]) * correction + 1e-8f);
  }
}

/// A dense network with ReLU between its layers: cblas for the products, plain loops for the rest.
class network {
 public:
  network(std::span<std::size_t const> widths, std::size_t batch) : widths_(widths.begin(), widths.end()) {
    std::mt19937 generator(0);
    for (auto const width : widths) {
      activations_.emplace_back(batch * width);
      slopes_.emplace_back(batch * width);
    }
    for (std::size_t i = 1; i < widths.size(); ++i) {
      auto const bound = 1 / std::sqrt(static_cast<float>(widths[i - 1]));
      std::uniform_real_distribution<float> draw(-bound, bound);
      layers_.emplace_back(std::vector<float>((widths[i - 1] + 1) * widths[i]));
      std::ranges::generate(layers_.back().parameters, [&] { return draw(generator); });
      auto const size = layers_.back().parameters.size();
      layers_.back().gradient.resize(size), layers_.back().m.resize(size), layers_.back().v.resize(size);
    }
  }
  float* input() { return activations_.front().data(); }
  float* output() { return activations_.back().data(); }

  void forward(std::size_t rows, float const* x) {
    for (std::size_t l = 0; l != layers_.size(); ++l) {
      auto const in = widths_[l], out = widths_[l + 1];
      auto const *w = layers_[l].parameters.data(), *bias = w + in * out;
      auto* y = activations_[l + 1].data();
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, int(rows), int(out), int(in), 1,
                  l == 0 ? x : activations_[l].data(), int(in), w, int(in), 0, y, int(out));
      auto const hidden = l + 1 != layers_.size();
      for (std::size_t r = 0; r != rows; ++r, y += out)
        for (std::size_t c = 0; c != out; ++c) y[c] = hidden ? std::max(y[c] + bias[c], 0.f) : y[c] + bias[c];
    }
  }

  /// Trains on the batch in input(): forward, loss and output gradient, backward, Adam. Returns the mean loss.
  template <class Loss> float step(std::size_t rows, float const* targets, Loss const& loss) {
    forward(rows, input());
    auto const outputs = rows * widths_.back();
    float sum = 0;
    for (std::size_t i = 0; i != outputs; ++i) {
      auto const [value, slope] = loss(activations_.back()[i], targets[i]);
      sum += value;
      slopes_.back()[i] = slope / static_cast<float>(outputs);
    }
    ++steps_;
    for (auto l = layers_.size(); l-- > 0;) backward(l, rows);
    for (auto& l : layers_)
      adam(l.parameters.size(), l.parameters.data(), l.gradient.data(), l.m.data(), l.v.data(), steps_);
    return sum / static_cast<float>(outputs);
  }

 private:
  void backward(std::size_t l, std::size_t rows) {
    auto const in = widths_[l], out = widths_[l + 1];
    auto const *x = activations_[l].data(), *dy = slopes_[l + 1].data(), *w = layers_[l].parameters.data();
    auto *gradient = layers_[l].gradient.data(), *bias = gradient + in * out, *dx = slopes_[l].data();
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, int(out), int(in), int(rows), 1, dy, int(out), x, int(in), 0,
                gradient, int(in));
    std::fill(bias, bias + out, 0.f);
    for (std::size_t r = 0; r != rows; ++r)
      for (std::size_t c = 0; c != out; ++c) bias[c] += dy[r * out + c];
    if (l == 0) return;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, int(rows), int(in), int(out), 1, dy, int(out), w, int(in), 0,
                dx, int(in));
    for (std::size_t i = 0; i != rows * in; ++i) dx[i] = x[i] > 0 ? dx[i] : 0;
  }

  struct layer {
    std::vector<float> parameters, gradient = {}, m = {}, v = {};
    explicit layer(std::vector<float> p) : parameters(std::move(p)) {}
  };
  std::vector<std::size_t> widths_;
  std::vector<layer> layers_;
  std::vector<std::vector<float>> activations_, slopes_;
  int steps_ = 0;
};

}  // namespace by_hand
