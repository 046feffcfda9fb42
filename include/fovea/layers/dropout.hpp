// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fovea/layers/layer.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

/// Drops or scales four elements, with the four words of one draw. The comparison is on integers, so that float and double
/// drop the same elements.
template <class T> struct drop {
  T const* from;
  T* to;
  std::size_t n;
  random_draw draw;
  std::uint64_t dropped;  // p 2^32; a word below this drops its element
  T scale;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const w = draw(random_stream::dropout, i);
    for (unsigned j = 0; j != 4 && 4 * i + j < n; ++j) {
      auto const k = 4 * i + j;
      to[k] = w[j] < dropped ? T(0) : from[k] * scale;
    }
  }
};

}  // namespace formulas

/// In training, sets each element to 0 with probability p and otherwise divides it by 1 - p; in prediction, copies its
/// input. PyTorch's Dropout; Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
///
/// Which elements are dropped is a function of the seed, the step, the layer's index and the element's index: every backend
/// drops the same elements, and no mask is stored. `validate()` throws `argument_error` unless p is in [0, 1].
///
///     constexpr fovea::sequential net{fovea::linear<29, 40>{}, fovea::relu{}, fovea::dropout{0.4}, fovea::linear<40, 1>{}};
struct dropout {
  double p = 0.5;

  static constexpr std::size_t input_width = any_width;
  template <std::size_t W> static constexpr std::size_t output_width = W;
  constexpr std::size_t inputs() const { return any_width; }
  constexpr std::size_t outputs(std::size_t width) const { return width; }
  constexpr std::array<parameter_spec, 0> parameters(std::size_t) const { return {}; }
  void validate() const { require(p >= 0 && p <= 1, "dropout: p must be in [0, 1]", p); }
  template <backend B, class T> void initialize(B const&, T*, std::size_t, std::uint64_t, std::uint64_t) const {}

  template <backend B, class T, class X, class Y> void forward(B const& b, T const*, X const& x, Y const& y) const {
    pass(b, x, y);
  }
  template <backend B, class T, class X, class Y, class DY, class DX>
  void backward(B const& b, T const*, X const&, Y const&, DY const& dy, DX const& dx, T*) const {
    pass(b, dy, dx);
  }

  /// The overloads for training.
  template <backend B, class T, class X, class Y>
  void forward(B const& b, T const*, X const& x, Y const& y, random_draw const& draw) const {
    drop(b, x, y, draw);
  }
  template <backend B, class T, class X, class Y, class DY, class DX>
  void backward(B const& b, T const*, X const&, Y const&, DY const& dy, DX const& dx, T*,
                random_draw const& draw) const {
    drop(b, dy, dx, draw);
  }

 private:
  template <class B, class X, class Y> static void pass(B const& b, X const& x, Y const& y) {
    using T = std::remove_cvref_t<decltype(*y.elements)>;
    if (y.elements != nullptr) b.copy(static_cast<T const*>(x.elements), y.elements, y.extents.size());
  }
  template <class B, class X, class Y> void drop(B const& b, X const& x, Y const& y, random_draw const& draw) const {
    using T = std::remove_cvref_t<decltype(*y.elements)>;
    if (y.elements == nullptr) return;
    auto const n = y.extents.size();
    auto const dropped = static_cast<std::uint64_t>(std::llround(p * 0x1p32));
    b.for_each_index((n + 3) / 4, formulas::drop<T>{x.elements, y.elements, n, draw, dropped,
                                                    static_cast<T>(p < 1 ? 1 / (1 - p) : 0)});
  }
};
static_assert(layer<dropout> && stochastic_layer<dropout>);

}  // namespace fovea
