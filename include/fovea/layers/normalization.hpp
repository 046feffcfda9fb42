// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/require_real.hpp>

namespace fovea {

namespace formulas {

template <class C> struct squared_distance {
  C center;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x) const { return (x - Z(center)) * (x - Z(center)); }
};
/// y = (x - mean) rate weight + bias.
struct normalize {
  template <class Z>
  FOVEA_HD constexpr void operator()(Z const& x, Z& y, Z const& mean, Z const& rate, Z const& weight,
                                     Z const& bias) const {
    y = (x - mean) * rate * weight + bias;
  }
};
/// The same with the mean and rate of a row, about 0 without a bias.
template <class C> struct normalize_with {
  C mean, rate;
  template <class Z> FOVEA_HD constexpr void operator()(Z const& x, Z& y, Z const& weight, Z const& bias) const {
    normalize{}(x, y, Z(mean), Z(rate), weight, bias);
  }
  template <class Z> FOVEA_HD constexpr void operator()(Z const& x, Z& y, Z const& weight) const {
    y = x * Z(rate) * weight;
  }
};
/// Stores the mean of a row, or 0 without Centers, and 1 / sqrt(variance + epsilon).
template <class T, bool Centers> struct row_statistics {
  double epsilon, share;  // share: 1 / columns
  T *means, *rates;
  template <class Row> FOVEA_HD void operator()(Row const& row, each<T const> x) const { compute(row, x); }
  /// Returns the formula that normalizes with them.
  template <class Row> FOVEA_HD auto compute(Row const& row, each<T const> x) const {
    using C = std::remove_cvref_t<decltype(row.sum(identity_formula{}, x))>;
    C mean(T(0));
    if constexpr (Centers) mean = row.sum(identity_formula{}, x) * math::constant<C>(share);
    C const variance = row.sum(squared_distance<C>{mean}, x) * math::constant<C>(share);
    C const rate = C(T(1)) / math::sqrt(C(variance + math::constant<C>(epsilon)));
    if (rates != nullptr) {
      if constexpr (Centers) row.store(means, mean);
      row.store(rates, rate);
    }
    return normalize_with<C>{mean, rate};
  }
};
/// Normalizes a row, about its mean (Centers) or about 0.
template <class T, bool Centers> struct normalize_row {
  row_statistics<T, Centers> statistics;
  template <class Row, class... O>
  FOVEA_HD void operator()(Row const& row, each<T const> x, out<T> y, O const&... weights) const {
    row.for_each(statistics.compute(row, x), x, y, weights...);
  }
};
/// What the gradients of weight and bias sum: dy (x - mean) rate, and dy.
struct normalized_slope {
  template <class Z>
  FOVEA_HD constexpr terms<Z, 2> operator()(Z const& x, Z const& dy, Z const& mean, Z const& rate) const {
    return {{dy * (x - mean) * rate, dy}};
  }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x, Z const& dy, Z const& rate) const {
    return dy * x * rate;
  }
};
struct weighted_slope {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const&, Z const& dy) const { return dy; }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const&, Z const& dy, Z const& weight) const {
    return dy * weight;
  }
};
template <class C> struct weighted_slope_along {
  C mean, rate;
  template <class Z, class... W> FOVEA_HD constexpr Z operator()(Z const& x, Z const& dy, W const&... weight) const {
    return weighted_slope{}(x, dy, weight...) * ((x - Z(mean)) * Z(rate));
  }
};
template <class C> struct finish_slope {
  C mean, rate, level, along;
  template <class Z, class... W>
  FOVEA_HD constexpr void operator()(Z const& x, Z const& dy, Z& dx, W const&... weight) const {
    dx = Z(rate) * (weighted_slope{}(x, dy, weight...) - Z(level) - (x - Z(mean)) * Z(rate) * Z(along));
  }
};
/// dx = rate (g - mean(g) - x^ mean(g x^)), where g = dy weight, or dy, and x^ the normalized x.
template <class T, bool Centers> struct normalized_row_slope {
  double share;
  T const *means, *rates;
  template <class Row, class... W>
  FOVEA_HD void operator()(Row const& row, each<T const> x, each<T const> dy, out<T> dx, W const&... weight) const {
    auto const rate = row.template load<T>(rates);
    using C = std::remove_const_t<decltype(rate)>;
    C mean(T(0)), level(T(0));
    if constexpr (Centers) {
      mean = row.template load<T>(means);
      level = row.sum(weighted_slope{}, x, dy, weight...) * math::constant<C>(share);
    }
    C const along = row.sum(weighted_slope_along<C>{mean, rate}, x, dy, weight...) * math::constant<C>(share);
    row.for_each(finish_slope<C>{mean, rate, level, along}, x, dy, dx, weight...);
  }
};

}  // namespace formulas

namespace detail {

/// What `layer_norm` (Centers) and `rms_norm` share: the vectors along the last axis are normalized, each by itself. Without
/// parameters, constants in scratch stand for these.
template <bool Centers> struct normalization {
  static constexpr std::size_t count = Centers ? 2 : 1;  // of parameters

  template <class S> static constexpr parameter_list<count> parameters(S const& sample, bool affine) {
    shape const each(std::array<std::size_t, 1>{last(sample)});
    if constexpr (Centers) return {{{{"weight", each}, {"bias", each}}}, affine ? count : 0};
    else return {{{{"weight", each}}}, affine ? count : 0};
  }
  template <class B, class S> static void initialize(initialization<B> const& to, S const& sample, bool affine) {
    for (std::size_t i = 0; affine && i != count; ++i) to.fill(i, last(sample), i == 0 ? 1 : 0);
  }
  template <class P> static auto const* parameter(P const& p, std::size_t i, std::size_t n, bool affine) {
    auto* const at = p.scratch + fovea::summed_bytes<P>(n, count, affine) + i * P::bytes(n);
    return fovea::parameter_or(p, affine, i, n, i == 0 ? 1 : 0, at);
  }
  template <class P, class S> static constexpr memory needs(S const& sample, std::size_t rows, bool affine) {
    auto const n = last(sample), vectors = rows * sample.size() / n;
    return {P::differentiates ? count * P::bytes(vectors) : 0,
            fovea::summed_bytes<P>(n, count, affine) + (affine ? 0 : count * P::bytes(n))};
  }
  template <class P, class X, class Y>
  static void forward(P const& p, X const& x, Y const& y, double epsilon, bool affine) {
    detail::require_real<X>();
    using T = typename P::value_type;
    auto const places = fovea::as_last_axis(y).extents;
    T *rates = nullptr, *means = nullptr;
    if constexpr (P::differentiates) {
      rates = reinterpret_cast<T*>(p.kept);
      means = reinterpret_cast<T*>(p.kept + (Centers ? P::bytes(places.extent(0)) : 0));
    }
    formulas::normalize_row<T, Centers> const formula{
        {epsilon, 1 / static_cast<double>(places.extent(1)), means, rates}};
    auto const run = [&](auto const&... bias) {
      p.backend.for_each_row(places, formula, each{fovea::read_only(x).elements}, out{y.elements},
                             per_column{parameter(p, 0, places.extent(1), affine)}, bias...);
    };
    if constexpr (Centers) run(per_column{parameter(p, 1, places.extent(1), affine)});
    else run();
  }
  template <class P, class X, class DY, class DX>
  static void backward(P const& p, X const& x, DY const& dy, DX const& dx, bool affine) {
    using T = typename P::value_type;
    auto const places = fovea::as_last_axis(dy).extents;
    auto const width = places.extent(1);
    auto const* const rates = reinterpret_cast<T const*>(p.kept);
    auto const* const means = reinterpret_cast<T const*>(p.kept + (Centers ? P::bytes(places.extent(0)) : 0));
    auto const inputs = each{fovea::read_only(x).elements}, slopes = each{fovea::read_only(dy).elements};
    if constexpr (Centers) {
      auto const fold = [&](T* weight, T* bias) {
        p.backend.reduce(places, formulas::normalized_slope{}, std::tuple{by_column{weight}, by_column{bias}}, inputs,
                         slopes, per_row{means}, per_row{rates});
      };
      fovea::sum_gradients<0, 1>(p, width, fold, affine);
    } else {
      auto const fold = [&](T* weight) {
        p.backend.reduce(places, formulas::normalized_slope{}, std::tuple{by_column{weight}}, inputs, slopes,
                         per_row{rates});
      };
      fovea::sum_gradients<0>(p, width, fold, affine);
    }
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.for_each_row(places,
                             formulas::normalized_row_slope<T, Centers>{1 / static_cast<double>(width), means, rates},
                             inputs, slopes, out{dx.elements}, per_column{parameter(p, 0, width, affine)});
  }
  template <std::size_t... E> static constexpr std::size_t last(extents<E...> const& sample) {
    return sample.extent(sizeof...(E) - 1);
  }
};

}  // namespace detail

/// Normalizes each vector along the last axis to mean 0 and variance 1, then scales and shifts its elements: PyTorch's LayerNorm of
/// the last dimension; `affine = false` leaves scale and shift out. Ba et al., "Layer normalization" (2016). `validate()` throws
/// `argument_error` for an epsilon that is negative or infinite.
struct layer_norm {
  double epsilon = 1e-5;
  bool affine = true;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  template <class S> constexpr parameter_list<2> parameters(S const& sample) const {
    return detail::normalization<true>::parameters(sample, affine);
  }
  void validate() const {
    require(epsilon >= 0 && epsilon <= 1e30, "layer_norm: epsilon must be finite and not negative", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("layer_norm", "epsilon", epsilon); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    detail::normalization<true>::initialize(to, sample, affine);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return detail::normalization<true>::needs<P>(sample, rows, affine);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    detail::normalization<true>::forward(p, x, y, epsilon, affine);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    detail::normalization<true>::backward(p, x, dy, dx, affine);
  }
};

/// Divides each vector along the last axis by its root mean square, then scales its elements: PyTorch's RMSNorm of the last
/// dimension; `affine = false` leaves the scale out. Zhang and Sennrich, "Root mean square layer normalization" (2019). Without an
/// epsilon, it is the distance from 1 to the next number of the backend's value type, as in PyTorch. `validate()` throws
/// `argument_error` for an epsilon that is negative or infinite.
struct rms_norm {
  std::optional<double> epsilon = std::nullopt;
  bool affine = true;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  template <class S> constexpr parameter_list<1> parameters(S const& sample) const {
    return detail::normalization<false>::parameters(sample, affine);
  }
  void validate() const {
    require(!epsilon || (*epsilon >= 0 && *epsilon <= 1e30), "rms_norm: epsilon must be finite and not negative",
            epsilon.value_or(0));
  }
  template <class T> void validate_in() const { detail::require_in<T>("rms_norm", "epsilon", epsilon.value_or(0)); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    detail::normalization<false>::initialize(to, sample, affine);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return detail::normalization<false>::needs<P>(sample, rows, affine);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    using T = typename P::value_type;
    detail::normalization<false>::forward(p, x, y, epsilon.value_or(std::numeric_limits<T>::epsilon()), affine);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    detail::normalization<false>::backward(p, x, dy, dx, affine);
  }
};

}  // namespace fovea
