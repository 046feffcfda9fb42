// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fovea/layers/layer.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

/// Drops or scales the elements of group i, with the four words of one draw. The comparison is on integers, so that float and
/// double drop the same elements. Groups count from the first element of all rows of the step; `to` and `from` begin `skipped`
/// elements after the first group's first.
template <class T> struct drop {
  T const* from;
  T* to;
  std::uint64_t n, first_group, skipped;
  random_draw draw;
  std::uint64_t dropped;  // p 2^32; a word below this drops its element
  T scale;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const w = draw(random_stream::dropout, first_group + i);
    for (unsigned j = 0; j != 4; ++j) {
      auto const k = 4 * i + j - skipped;  // wraps before the first element
      if (k < n) to[k] = w[j] < dropped ? T(0) : from[k] * scale;
    }
  }
};

}  // namespace formulas

/// In training, sets each element to 0 with probability p and otherwise divides it by 1 - p; in prediction, copies its
/// input. PyTorch's Dropout; Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
///
/// Which elements are dropped is a function of the seed, the step, the layer's number and the element's index: every backend
/// drops the same elements, and no mask is stored. `validate()` throws `argument_error` unless p is in [0, 1].
///
///     constexpr fovea::sequential net{fovea::linear<29, 40>{}, fovea::relu{}, fovea::dropout{0.4}, fovea::linear<40, 1>{}};
struct dropout {
  double p = 0.5;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  void validate() const { require(p >= 0 && p <= 1, "dropout: p must be in [0, 1]", p); }

  template <class P, class X, class Y> void forward(P const& given, X const& x, Y const& y) const {
    apply(given, x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& given, X const&, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) apply(given, dy, dx);
  }

 private:
  template <class P, class X, class Y> void apply(P const& given, X const& x, Y const& y) const {
    using T = typename P::value_type;
    auto const n = y.extents.size();
    if constexpr (P::training) {
      auto const draw = given.random();
      auto const first = draw.first_row * fovea::sample_of(y).size(), group = first / 4, skipped = first % 4;
      auto const dropped = static_cast<std::uint64_t>(std::llround(p * 0x1p32));
      given.backend.for_each_index(static_cast<std::size_t>((skipped + n + 3) / 4),
                                   formulas::drop<T>{x.elements, y.elements, n, group, skipped, draw, dropped,
                                                     static_cast<T>(p < 1 ? 1 / (1 - p) : 0)});
    } else {
      given.backend.copy(static_cast<T const*>(x.elements), y.elements, n);
    }
  }
};

}  // namespace fovea
