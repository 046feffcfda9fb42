// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

#include "inputs.hpp"
#include "timing.hpp"

namespace with_fovea {

inline constexpr fovea::sequential published{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{},
                                             fovea::relu{}, fovea::linear<8, 1>{}};
using published_net = std::remove_const_t<decltype(published)>;

template <class T> std::span<T> span(T* elements, std::size_t n) { return {elements, n}; }

template <class T> xt::xtensor<T, 1> logits() {
  auto z = xt::xtensor<T, 1>::from_shape({sizes::elements});
  inputs::logits(span(z.data(), z.size()));
  return z;
}
template <class T> xt::xtensor<T, 1> targets() {
  auto y = xt::xtensor<T, 1>::from_shape({sizes::elements});
  inputs::targets(span(y.data(), y.size()));
  return y;
}
template <class B> fovea::dataset<B> rows(B const& b, std::size_t n, std::size_t features, std::size_t outputs) {
  using T = typename B::value_type;
  auto x = xt::xtensor<T, 2>::from_shape({n, features}), y = xt::xtensor<T, 2>::from_shape({n, outputs});
  inputs::features(span(x.data(), x.size()));
  inputs::rare(span(y.data(), y.size()));
  return {b, std::move(x), std::move(y)};
}

/// Computes a loss's value and gradient over 10^7 elements.
template <class T, class Loss> struct elementwise {
  fovea::xtensor_backend<T> b;
  Loss loss;
  xt::xtensor<T, 1> z = logits<T>(), y = targets<T>(), gradient = z;
  double value = 0;

  timing::row row(char const* name) {
    return {.name = name,
            .run = [this] { timing::keep(value = fovea::value_and_gradient(b, loss, z, y, gradient)); },
            .bits =
                [this] {
                  return timing::bits_of(std::span<T const>(gradient.data(), gradient.size())) ^
                         timing::bits_of(std::span<double const>(&value, 1));
                }};
  }
};

}  // namespace with_fovea
