// SPDX-License-Identifier: MIT
#pragma once

#include <torch/torch.h>

#include <span>
#include <string>
#include <vector>

namespace with_libtorch {

inline void set_threads(std::size_t threads) { at::set_num_threads(static_cast<int>(threads)); }

/// torchvision's sigmoid_focal_loss without alpha, reduced to the mean.
inline torch::Tensor focal(torch::Tensor const& z, torch::Tensor const& y, double gamma) {
  auto const p = torch::sigmoid(z);
  auto const bce = torch::binary_cross_entropy_with_logits(z, y, {}, {}, at::Reduction::None);
  return (bce * (1 - (p * y + (1 - p) * (1 - y))).pow(gamma)).mean();
}
inline torch::Tensor bce(torch::Tensor const& z, torch::Tensor const& y) {
  return torch::binary_cross_entropy_with_logits(z, y);
}

inline torch::nn::Sequential network(std::span<std::size_t const> widths) {
  torch::nn::Sequential net;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    if (i > 1) net->push_back(torch::nn::ReLU());
    net->push_back(torch::nn::Linear(static_cast<long>(widths[i - 1]), static_cast<long>(widths[i])));
  }
  return net;
}

template <class... N> torch::Tensor tensor(N... extents) { return torch::empty({static_cast<long>(extents)...}); }
inline std::span<float> span(torch::Tensor const& t) {
  return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}

/// Computes a loss's value and its gradient in z.
template <class Loss> void value_and_gradient(torch::Tensor& z, torch::Tensor const& y, Loss const& loss) {
  z.mutable_grad() = torch::Tensor();
  loss(z, y).backward();
}

}  // namespace with_libtorch
