// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <fovea/layers/sequential.hpp>

namespace fovea {

/// Memory for a network's activations during prediction: two buffers that successive stages write alternately. Grows when
/// needed and is reused otherwise. Not for concurrent use: each thread needs its own.
template <backend B> class prediction_workspace {
 public:
  using value_type = typename B::value_type;

  /// Returns the function from `index<K>` to the span of activation K that `sequential::forward` takes. `x` is activation 0,
  /// `y` the last one.
  template <class Net, class X, class Y> auto spans(B const& b, Net const& layers, X const& x, Y const& y) {
    std::size_t widest = 0;
    for (std::size_t i = 1; i < Net::depth; ++i) widest = (std::max)(widest, layers.width(i));
    auto const rows = x.extents.extent(0);
    if (rows * widest > half_) {
      half_ = rows * widest;
      buffer_ = b.template empty<value_type>(std::array{2 * half_});
    }
    return [this, &layers, x, y, rows]<std::size_t K>(index<K>) {
      if constexpr (K == 0) return x;
      else if constexpr (K == Net::depth) return y;
      else return layers.template batch<K, B>(fovea::data(buffer_) + half_ * (Net::template stage<K>() % 2), rows);
    };
  }

 private:
  std::size_t half_ = 0;
  typename B::template tensor<value_type, 1> buffer_ = B{}.template empty<value_type>(std::array<std::size_t, 1>{0});
};

/// Memory for all activations of a batch and for the gradients with respect to them during training.
template <backend B, network Net> class training_workspace {
 public:
  using value_type = typename B::value_type;

  /// Grows the memory to batches of this many rows.
  void reserve(B const& b, Net const& layers, std::size_t rows) {
    if (rows <= rows_) return;
    std::size_t numbers = 0, widest = 0;
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      // the output of a linear layer that is fused with its activation is not stored
      ((starts_[K + 1] = numbers, numbers += Net::template fused<K + 1>() ? 0 : rows * layers.width(K + 1)), ...);
      ((widest = (std::max)(widest, layers.width(K + 1))), ...);
    }(std::make_index_sequence<Net::depth>{});
    gradients_ = {numbers, numbers + rows * widest};
    buffer_ = b.template empty<value_type>(std::array{numbers + 2 * rows * widest});
    rows_ = rows;
  }
  /// Returns the function from `index<K>` to the span of activation K; `x` is activation 0.
  template <class X> auto activations(Net const& layers, X const& x) {
    return [this, &layers, x]<std::size_t K>(index<K>) {
      if constexpr (K == 0) return x;
      else return layers.template batch<K, B>(fovea::data(buffer_) + starts_[K], x.extents.extent(0));
    };
  }
  /// The start of the memory; changes when `reserve` grows it.
  auto const* data() const { return fovea::data(buffer_); }
  /// Returns the function from `index<K>` to the span of the gradient with respect to activation K. Gradients of successive
  /// stages do not overlap.
  auto gradients(Net const& layers, std::size_t rows) {
    return [this, &layers, rows]<std::size_t K>(index<K>) {
      return layers.template batch<K, B>(fovea::data(buffer_) + gradients_[Net::template stage<K>() % 2], rows);
    };
  }

 private:
  std::size_t rows_ = 0;
  std::array<std::size_t, Net::depth + 1> starts_{};
  std::array<std::size_t, 2> gradients_{};
  typename B::template tensor<value_type, 1> buffer_ = B{}.template empty<value_type>(std::array<std::size_t, 1>{0});
};

}  // namespace fovea
