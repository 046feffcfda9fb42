// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/layer.hpp>
#include <fovea/scalar/formulas.hpp>

namespace fovea {

namespace formulas {

/// Returns exp(x - largest), or stores it, too. An infinite x counts as the largest finite number, which `largest` does not exceed.
template <class C> struct exponential_below {
  C largest;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x) const {
    return math::exp((math::min)(x, Z(largest_finite<scalar_of<Z>>)) - Z(largest));
  }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x, Z& y) const { return y = (*this)(x); }
};
/// The exponential for a row of that maximum.
template <class C> FOVEA_HD constexpr exponential_below<C> exponential_of_row(C const& maximum) {
  return {(math::min)(maximum, C(largest_finite<scalar_of<C>>))};
}
/// Stores a number in the rows whose maximum is -infinity.
template <class C> struct store_where_impossible {
  C maximum, number;
  template <class Z> FOVEA_HD constexpr void operator()(Z& y) const {
    y = math::select(Z(maximum) == Z(negative_infinity<scalar_of<Z>>), Z(number), y);
  }
};
/// Returns a row's sum of exponentials. All numbers of a row that is -infinity throughout are equal: its exponentials, if stored, are
/// made 1, and it returns `count` of them.
template <class Row, class C, class... T>
FOVEA_HD C sum_or_count(Row const& row, C const& maximum, C const& sum, std::size_t count, out<T>... exponentials) {
  auto const impossible = maximum == C(negative_infinity<scalar_of<C>>);
  if (!math::any(impossible)) return sum;
  (row.for_each(store_where_impossible<C>{maximum, C(scalar_of<C>(1))}, each<T>{exponentials.elements}), ...);
  return math::select(impossible, math::constant<C>(static_cast<double>(count)), sum);
}
template <class C> struct times {
  C factor;
  template <class Z> FOVEA_HD constexpr void operator()(Z& y) const { y = y * Z(factor); }
};
struct softmax_of_row {
  static constexpr bool gives_probabilities = true;
  template <class Row, class T> FOVEA_HD void operator()(Row const& row, each<T const> x, out<T> y) const {
    auto const maximum = row.maximum(identity_formula{}, x);
    using C = std::remove_const_t<decltype(maximum)>;
    C const all = row.sum(exponential_of_row(C(maximum)), x, y);
    C const sum = formulas::sum_or_count(row, C(maximum), all, row.columns, y);
    row.for_each(times<C>{C(T(1)) / sum}, each<T>{y.elements});
  }
};
struct product {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& y, Z const& dy) const { return y * dy; }
};
template <class C> struct softmax_slope {
  C mean;
  template <class Z> FOVEA_HD constexpr void operator()(Z const& y, Z const& dy, Z& dx) const {
    dx = y * (dy - Z(mean));
  }
};
struct softmax_slope_of_row {
  template <class Row, class T>
  FOVEA_HD void operator()(Row const& row, each<T const> y, each<T const> dy, out<T> dx) const {
    auto const mean = row.sum(product{}, y, dy);
    using C = std::remove_const_t<decltype(mean)>;
    row.for_each(softmax_slope<C>{mean}, y, dy, dx);
  }
};

/// y = min(x, finite) - largest - log(sum).
template <class C> struct distance_below {
  C largest, log_sum;
  template <class Z> FOVEA_HD constexpr void operator()(Z const& x, Z& y) const {
    y = ((math::min)(x, Z(largest_finite<scalar_of<Z>>)) - Z(largest)) - Z(log_sum);
  }
};
struct log_softmax_of_row {
  static constexpr bool gives_probabilities = false;
  template <class Row, class T> FOVEA_HD void operator()(Row const& row, each<T const> x, out<T> y) const {
    auto const maximum = row.maximum(identity_formula{}, x);
    using C = std::remove_const_t<decltype(maximum)>;
    auto const exponentials = exponential_of_row(C(maximum));
    C const all = row.sum(exponentials, x), sum = formulas::sum_or_count(row, C(maximum), all, row.columns);
    C const log_sum = math::log(sum);
    row.for_each(distance_below<C>{exponentials.largest, log_sum}, x, y);
    if (math::any(C(maximum) == C(negative_infinity<scalar_of<C>>)))
      row.for_each(store_where_impossible<C>{C(maximum), -log_sum}, each<T>{y.elements});
  }
};
/// dx = dy - exp(y) sum(dy).
template <class C> struct log_softmax_slope {
  C sum;
  template <class Z> FOVEA_HD constexpr void operator()(Z const& y, Z const& dy, Z& dx) const {
    dx = dy - math::exp(y) * Z(sum);
  }
};
struct log_softmax_slope_of_row {
  template <class Row, class T>
  FOVEA_HD void operator()(Row const& row, each<T const> y, each<T const> dy, out<T> dx) const {
    auto const sum = row.sum(identity_formula{}, dy);
    row.for_each(log_softmax_slope<std::remove_const_t<decltype(sum)>>{sum}, y, dy, dx);
  }
};

}  // namespace formulas

namespace detail {

/// A layer of a formula of the vectors along the last axis, and one that makes dx of y and dy.
template <class Forward, class Backward> struct row_activation {
  static constexpr bool keeps_sample = true, gives_probabilities = Forward::gives_probabilities;
  template <class S> constexpr S output(S const& sample) const { return sample; }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    p.backend.for_each_row(fovea::as_last_axis(y).extents, Forward{}, each{fovea::read_only(x).elements},
                           out{y.elements});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const&, Y const& y, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.for_each_row(fovea::as_last_axis(dy).extents, Backward{}, each{fovea::read_only(y).elements},
                             each{fovea::read_only(dy).elements}, out{dx.elements});
  }
};

}  // namespace detail

/// The layer y = exp(x) / sum(exp(x)) along the last axis: PyTorch's Softmax(-1). The inverse link of `softmax_cross_entropy`,
/// which takes the logits before it.
struct softmax : detail::row_activation<formulas::softmax_of_row, formulas::softmax_slope_of_row> {};

/// The logarithm of `softmax`, accurate where that is close to 0: PyTorch's LogSoftmax(-1). What `nll_loss` takes.
struct log_softmax : detail::row_activation<formulas::log_softmax_of_row, formulas::log_softmax_slope_of_row> {};

}  // namespace fovea
