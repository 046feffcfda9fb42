// SPDX-License-Identifier: MIT
#pragma once

#include <cblas.h>

#include <cstddef>
#include <span>
#include <vector>

extern "C" {
void openblas_set_num_threads(int) __attribute__((weak));
}

inline void set_blas_threads(std::size_t threads) {
  if (openblas_set_num_threads) openblas_set_num_threads(static_cast<int>(threads));
}

/// Only the matrix products of one training step of a dense network: forward, backward for the weights and, except in the
/// first layer, backward for the inputs.
class products {
 public:
  products(std::span<std::size_t const> widths, std::size_t batch) : batch_(batch) {
    for (auto const width : widths) {
      activations_.emplace_back(batch * width, 0.1f);
      slopes_.emplace_back(batch * width, 0.1f);
    }
    for (std::size_t i = 1; i < widths.size(); ++i)
      layers_.push_back({static_cast<int>(widths[i - 1]), static_cast<int>(widths[i]),
                         std::vector<float>(widths[i - 1] * widths[i], 0.1f),
                         std::vector<float>(widths[i - 1] * widths[i])});
  }
  void forward() {
    auto const batch = static_cast<int>(batch_);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      auto const& l = layers_[i];
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, l.out, l.in, 1, activations_[i].data(), l.in,
                  l.weights.data(), l.in, 0, activations_[i + 1].data(), l.out);
    }
  }
  void backward() {
    auto const batch = static_cast<int>(batch_);
    for (auto i = layers_.size(); i-- > 0;) {
      auto& l = layers_[i];
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, l.out, l.in, batch, 1, slopes_[i + 1].data(), l.out,
                  activations_[i].data(), l.in, 0, l.gradient.data(), l.in);
      if (i > 0)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, l.in, l.out, 1, slopes_[i + 1].data(), l.out,
                    l.weights.data(), l.in, 0, slopes_[i].data(), l.in);
    }
  }

 private:
  struct layer {
    int in, out;
    std::vector<float> weights, gradient;
  };
  std::size_t batch_;
  std::vector<layer> layers_;
  std::vector<std::vector<float>> activations_, slopes_;
};
