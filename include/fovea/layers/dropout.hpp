// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

/// Drops or scales the elements of group i, with the four words of one draw. The comparison is on integers, so that float and
/// double drop the same elements. Groups count from the first element of all rows of the step; `to` and `from` begin `skipped`
/// elements after the first group's first.
template <class T> struct drop {
  T const* source;
  T* destination;
  std::uint64_t n, first_group, skipped;
  random_draw draw;
  std::uint64_t dropped;                  // p 2^32; a word below this drops its element
  T scale, shift = T(0), instead = T(0);  // a kept element becomes from scale + shift, a dropped one `instead`
  FOVEA_HD void operator()(std::size_t i) const {
    auto const w = draw(random_stream::dropout, first_group + i);
    for (unsigned j = 0; j != 4; ++j) {
      auto const k = 4 * i + j - skipped;  // wraps before the first element
      if (k < n) destination[k] = w[j] < dropped ? instead : source[k] * scale + shift;
    }
  }
};
/// Drops or scales row i, by the first word of its draw.
template <class T> struct drop_row {
  T const* source;
  T* destination;
  std::size_t width;
  random_draw draw;
  std::uint64_t dropped;
  T scale;
  FOVEA_HD void operator()(std::size_t i) const {
    bool const drops = draw(random_stream::dropout, draw.first_row + i)[0] < dropped;
    for (std::size_t k = i * width; k != (i + 1) * width; ++k) destination[k] = drops ? T(0) : source[k] * scale;
  }
};

}  // namespace formulas

namespace detail {

/// Returns the bound below which a random word lies with probability p.
inline std::uint64_t words_below(double p) { return static_cast<std::uint64_t>(std::llround(p * 0x1p32)); }

/// While training, makes y of x with some elements dropped, the others as `formulas::drop` does by these numbers; else copies x.
template <class P, class X, class Y, class... T>
void drop_elements(P const& p, X const& x, Y const& y, double share, T... numbers) {
  using value_type = typename P::value_type;
  auto const n = y.extents.size();
  if constexpr (P::training) {
    auto const draw = p.random();
    auto const first = draw.first_row * fovea::sample_of(y).size(), group = first / 4, skipped = first % 4;
    p.backend.for_each_index(static_cast<std::size_t>((skipped + n + 3) / 4),
                             formulas::drop<value_type>{x.elements, y.elements, n, group, skipped, draw,
                                                        detail::words_below(share), numbers...});
  } else {
    p.backend.copy(static_cast<value_type const*>(x.elements), y.elements, n);
  }
}

}  // namespace detail

/// In training, sets each element to 0 with probability p and otherwise divides it by 1 - p; in prediction, copies its
/// input. PyTorch's Dropout; Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
///
/// Which elements are dropped is a function of the seed, the step, the layer's number and the element's index: every backend
/// drops the same elements, and no mask is stored. `validate()` throws `argument_error` unless p is in [0, 1].
///
///     constexpr fovea::sequential net{fovea::linear<29, 40>{}, fovea::relu{}, fovea::dropout{0.4}, fovea::linear<40, 1>{}};
struct dropout {
  double p = 0.5;

  static constexpr bool keeps_sample = true, is_dropout = true;
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
    detail::drop_elements(given, x, y, p, static_cast<T>(p < 1 ? 1 / (1 - p) : 0));
  }
};

/// Dropout after `selu`, which keeps the mean and the variance of its input: in training, sets each element to the least number of a
/// SELU with probability p, and then scales and shifts all of them; in prediction, copies its input. PyTorch's AlphaDropout;
/// Klambauer et al., "Self-normalizing neural networks" (2017). Drops the elements that `dropout` drops. `validate()` throws
/// `argument_error` unless p is in [0, 1].
///
///     constexpr fovea::sequential net{fovea::linear<29, 40>{}, fovea::selu{}, fovea::alpha_dropout{0.1}, fovea::linear<40, 1>{}};
struct alpha_dropout {
  double p = 0.5;

  static constexpr bool keeps_sample = true, is_dropout = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  void validate() const { require(p >= 0 && p <= 1, "alpha_dropout: p must be in [0, 1]", p); }

  template <class P, class X, class Y> void forward(P const& given, X const& x, Y const& y) const {
    using T = typename P::value_type;
    if constexpr (detail::require_real<X>())
      detail::drop_elements(given, x, y, p, static_cast<T>(scale()), static_cast<T>(scale() * saturation * p),
                            static_cast<T>(scale() * saturation * (p - 1)));
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& given, X const&, Y const&, DY const& dy, DX const& dx) const {
    using T = typename P::value_type;
    if constexpr (!std::same_as<DX, nothing>) detail::drop_elements(given, dy, dx, p, static_cast<T>(scale()));
  }

 private:
  static constexpr double saturation = 1.7580993408473766;  // SELU's alpha times its scale
  double scale() const { return p < 1 ? 1 / std::sqrt((saturation * saturation * p + 1) * (1 - p)) : 0; }
};

/// In training, sets each row to 0 with probability p and otherwise divides it by 1 - p; in prediction, copies its input. At the end of
/// a residual's body, it leaves out the body: torchvision's StochasticDepth(mode="row"). Huang et al., "Deep networks with stochastic
/// depth" (2016). `validate()` throws `argument_error` unless p is in [0, 1].
///
///     fovea::residual{fovea::sequential{fovea::linear<32, 32>{}, fovea::relu{}, fovea::drop_path{0.1}}}
struct drop_path {
  double p = 0.5;

  static constexpr bool keeps_sample = true, is_dropout = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  void validate() const { require(p >= 0 && p <= 1, "drop_path: p must be in [0, 1]", p); }

  template <class P, class X, class Y> void forward(P const& given, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) apply(given, x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& given, X const&, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) apply(given, dy, dx);
  }

 private:
  template <class P, class X, class Y> void apply(P const& given, X const& x, Y const& y) const {
    using T = typename P::value_type;
    T const* const from = x.elements;
    if constexpr (P::training)
      given.backend.for_each_index(
          fovea::rows_of(y), formulas::drop_row<T>{from, y.elements, fovea::sample_of(y).size(), given.random(),
                                                   detail::words_below(p), static_cast<T>(p < 1 ? 1 / (1 - p) : 0)});
    else given.backend.copy(from, y.elements, y.extents.size());
  }
};

}  // namespace fovea
