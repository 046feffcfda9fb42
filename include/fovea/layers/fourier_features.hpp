// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

inline constexpr double full_turn = 6.283185307179586;

/// Writes the cosine and the sine of one frequency.
template <class T> struct turn_features {
  T const *x, *frequencies;
  T* y;
  std::size_t in, count;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / count, k = i % count;
    double angle = 0;
    for (std::size_t j = 0; j != in; ++j)
      angle += static_cast<double>(frequencies[k * in + j]) * static_cast<double>(x[row * in + j]);
    y[2 * row * count + k] = static_cast<T>(std::cos(full_turn * angle));
    y[(2 * row + 1) * count + k] = static_cast<T>(std::sin(full_turn * angle));
  }
};
template <class T> struct turn_slope {
  T const *frequencies, *y, *dy;
  T* dx;
  std::size_t in, count;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / in, j = i % in, first = 2 * row * count;
    T sum(0);
    for (std::size_t k = 0; k != count; ++k)
      sum += frequencies[k * in + j] * (dy[first + count + k] * y[first + k] - dy[first + k] * y[first + count + k]);
    dx[i] = static_cast<T>(full_turn) * sum;
  }
};
template <class T> struct draw_frequencies {
  T* to;
  double sigma;
  std::uint64_t seed, first;
  FOVEA_HD void operator()(std::size_t i) const {
    to[i] = static_cast<T>(sigma * normal<double>(seed, random_stream::initial_parameters, 1u << 31, first + i));
  }
};

}  // namespace formulas

/// The cosines and then the sines of 2 pi B x, for vectors x along the last axis of a sample (..., n): (..., 2 `features`). B
/// (features, n) is state, normal with the deviation `sigma` at first, and not trained. Tancik et al., "Fourier features let networks
/// learn high frequency functions in low dimensional domains" (2020). `validate()` throws `argument_error` unless both are above 0.
///
///     constexpr fovea::sequential net{fovea::input<2>{}, fovea::fourier_features{.features = 64, .sigma = 10}, fovea::linear<128, 3>{}};
struct fourier_features {
  std::size_t features = 0;
  double sigma = 1;

  template <class S> constexpr auto output(S const& sample) const {
    return detail::with_last<dynamic>(sample, 2 * features);
  }
  template <class S> constexpr std::array<state_spec, 1> state(S const& sample) const {
    return {{{"B", shape(std::array<std::size_t, 2>{features, sample.extent(S::rank - 1)})}}};
  }
  void validate() const {
    require(features > 0, "fourier_features: features must be at least 1", 0);
    require(sigma > 0 && sigma <= 1e30, "fourier_features: sigma must be finite and above 0", sigma);
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    using T = typename B::value_type;
    auto const at = to.place.state[0];
    to.backend.for_each_index(features * sample.extent(S::rank - 1),
                              formulas::draw_frequencies<T>{reinterpret_cast<T*>(to.state + at), sigma, to.seed, at});
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    using T = typename P::value_type;
    if constexpr (detail::require_real<X>())
      p.backend.for_each_index(y.extents.size() / 2,
                               formulas::turn_features<T>{fovea::read_only(x).elements, p.template state_of<T>(0),
                                                          y.elements, width(x), features});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx) const {
    using T = typename P::value_type;
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.for_each_index(dx.extents.size(),
                               formulas::turn_slope<T>{p.template state_of<T>(0), fovea::read_only(y).elements,
                                                       fovea::read_only(dy).elements, dx.elements, width(x), features});
  }

 private:
  template <class X> static std::size_t width(X const& x) {
    auto const sample = fovea::sample_of(x);
    return sample.extent(decltype(sample)::rank - 1);
  }
};
static_assert(layer<fourier_features, extents<2>>);

}  // namespace fovea
