// SPDX-License-Identifier: MIT
#include <cblas.h>

#include "anchors.hpp"

extern "C" {
void openblas_set_num_threads(int) __attribute__((weak));
}

namespace anchors {

products::products(std::span<std::size_t const> widths, std::size_t batch, bool training)
    : batch_(batch), training_(training) {
  if (openblas_set_num_threads) openblas_set_num_threads(1);
  for (auto const width : widths) {
    activations_.emplace_back(batch * width, 0.1f);
    slopes_.emplace_back(batch * width, 0.1f);
  }
  for (std::size_t i = 1; i < widths.size(); ++i)
    layers_.push_back({widths[i - 1], widths[i], std::vector<float>(widths[i - 1] * widths[i], 0.1f),
                       std::vector<float>(widths[i - 1] * widths[i])});
}

void products::run() {
  auto const batch = static_cast<int>(batch_);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto const in = static_cast<int>(layers_[i].in), out = static_cast<int>(layers_[i].out);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, out, in, 1, activations_[i].data(), in,
                layers_[i].weights.data(), in, 0, activations_[i + 1].data(), out);
  }
  if (!training_) return;
  for (auto i = layers_.size(); i-- > 0;) {
    auto const in = static_cast<int>(layers_[i].in), out = static_cast<int>(layers_[i].out);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, batch, 1, slopes_[i + 1].data(), out,
                activations_[i].data(), in, 0, layers_[i].gradient.data(), in);
    if (i > 0)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, in, out, 1, slopes_[i + 1].data(), out,
                  layers_[i].weights.data(), in, 0, slopes_[i].data(), in);
  }
}

}  // namespace anchors
