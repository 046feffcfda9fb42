// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

/// Adds the encoding of element i's step: a sine at even features, a cosine at odd ones.
template <class T> struct add_position {
  T const* source;
  T* destination;
  std::size_t steps, width;
  double log_base;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const step = static_cast<double>(i / width % steps);
    auto const feature = i % width, pair = feature / 2 * 2;
    double const angle = step * std::exp(-log_base * static_cast<double>(pair) / static_cast<double>(width));
    destination[i] = source[i] + static_cast<T>(feature == pair ? std::sin(angle) : std::cos(angle));
  }
};

}  // namespace formulas

/// Adds to features 2 k and 2 k + 1 of step t of a sequence (steps, width) the sine and the cosine of t / base^(2 k / width): the sinusoidal
/// positional encoding. Vaswani et al., "Attention is all you need" (2017). `validate()` throws `argument_error` unless the base is
/// above 1.
///
///     fovea::sequential{fovea::input<12>{}, fovea::embedding<1000, 16>{}, fovea::positional_encoding{}, fovea::multi_head_attention<16>{}}
struct positional_encoding {
  double base = 1e4;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const {
    static_assert(S::rank == 2, "positional_encoding: takes samples of (steps, width)");
    return sample;
  }
  void validate() const {
    require(base > 1 && base <= 1e30, "positional_encoding: base must be finite and above 1", base);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    using T = typename P::value_type;
    if constexpr (detail::require_real<X>())
      p.backend.for_each_index(y.extents.size(),
                               formulas::add_position<T>{fovea::read_only(x).elements, y.elements, y.extents.extent(1),
                                                         y.extents.extent(2), std::log(base)});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const&, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.copy(fovea::read_only(dy).elements, dx.elements, dy.extents.size());
  }
};
static_assert(layer<positional_encoding, extents<2, 3>>);

}  // namespace fovea
