// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <fovea/layers/sequential.hpp>

namespace fovea {

/// Where a network's activations lie while it predicts: two buffers that stages write in turn. Grows when it must, and is
/// otherwise reused; one thread's.
template <backend B> class prediction_workspace {
 public:
  using value_type = typename B::value_type;

  /// The spans of activations of a batch, as `sequential::forward` asks for them.
  template <class Net, class X, class Y> auto spans(B const& b, Net const& net, X const& x, Y const& y) {
    std::size_t widest = 0;
    for (std::size_t i = 1; i < Net::depth; ++i) widest = std::max(widest, net.width(i));
    auto const rows = x.extents.extent(0);
    if (rows * widest > half_) {
      half_ = rows * widest;
      buffer_ = b.template empty<value_type>(std::array{2 * half_});
    }
    return [this, &net, x, y, rows]<std::size_t I>(index<I>) {
      if constexpr (I == 0) return x;
      else if constexpr (I == Net::depth) return y;
      else return net.template batch<I, B>(fovea::data(buffer_) + half_ * (Net::template stage<I>() % 2), rows);
    };
  }

 private:
  std::size_t half_ = 0;
  typename B::template tensor<value_type, 1> buffer_ = B{}.template empty<value_type>(std::array<std::size_t, 1>{0});
};

/// Where all activations of a batch and the gradients in them lie while a network is trained.
template <backend B, network Net> class training_workspace {
 public:
  using value_type = typename B::value_type;

  /// Makes room for batches of this many rows.
  void reserve(B const& b, Net const& net, std::size_t rows) {
    if (rows <= rows_) return;
    std::size_t numbers = 0, widest = 0;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      // the output of a linear layer that is fused with its activation is nowhere
      ((starts_[I + 1] = numbers, numbers += Net::template fused<I + 1>() ? 0 : rows * net.width(I + 1)), ...);
      ((widest = std::max(widest, net.width(I + 1))), ...);
    }(std::make_index_sequence<Net::depth>{});
    gradients_ = {numbers, numbers + rows * widest};
    buffer_ = b.template empty<value_type>(std::array{numbers + 2 * rows * widest});
    rows_ = rows;
  }
  template <class X> auto activations(Net const& net, X const& x) {
    return [this, &net, x]<std::size_t I>(index<I>) {
      if constexpr (I == 0) return x;
      else return net.template batch<I, B>(fovea::data(buffer_) + starts_[I], x.extents.extent(0));
    };
  }
  /// Where the numbers lie; elsewhere when there had to be room for more rows.
  auto const* data() const { return fovea::data(buffer_); }
  /// Successive stages' gradients lie in different halves.
  auto gradients(Net const& net, std::size_t rows) {
    return [this, &net, rows]<std::size_t I>(index<I>) {
      return net.template batch<I, B>(fovea::data(buffer_) + gradients_[Net::template stage<I>() % 2], rows);
    };
  }

 private:
  std::size_t rows_ = 0;
  std::array<std::size_t, Net::depth + 1> starts_{};
  std::array<std::size_t, 2> gradients_{};
  typename B::template tensor<value_type, 1> buffer_ = B{}.template empty<value_type>(std::array<std::size_t, 1>{0});
};

}  // namespace fovea
