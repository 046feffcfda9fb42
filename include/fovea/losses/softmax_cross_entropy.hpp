// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/rowwise.hpp>

namespace fovea {

namespace formulas {

template <class C> struct pick {
  C target;
  FOVEA_HD constexpr auto operator()(auto const& z, auto const& column) const {
    return math::select(column == target, z, decltype(z - z)(0));
  }
};
/// Returns exp(z - largest), but 0 for the target: a row's sum is over the other classes. The second overload also stores
/// the exponential, of the target too. An infinite z counts as the largest finite number, which `largest` does not exceed.
template <class C> struct other_exponentials {
  C largest, target;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& column) const {
    return math::select(column == Z(target), Z(0), exponential(z));
  }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& column, Z& result) const {
    result = exponential(z);
    return math::select(column == Z(target), Z(0), result);
  }
  template <class Z> FOVEA_HD constexpr Z exponential(Z const& z) const {
    return math::exp((math::min)(z, Z(largest_finite<scalar_of<Z>>)) - Z(largest));
  }
};
template <class C> struct finish {
  C target, each, of_target;
  template <class Z> FOVEA_HD constexpr void operator()(Z& slope, Z const& column) const {
    slope = math::select(column == Z(target), Z(of_target), slope * Z(each));
  }
};

}  // namespace formulas

/// Cross-entropy between the softmax of a row's logits and the row's class: PyTorch's CrossEntropyLoss on class indices.
///
/// Predictions are logits of shape (rows, classes), targets integers in [0, classes) of shape (rows). Value and gradient
/// stay accurate where the softmax is close to 1, because both come from the sum over the other classes: their relative errors
/// are within 2 |z| + 16 roundings, where z is the largest logit, and one more for every 16 classes.
///
///     xt::xtensor<float, 2> const logits = {{2, -1, 0}, {0, 1, 3}};
///     xt::xtensor<int, 1> const classes = {0, 2};
///     auto const [value, gradient] = fovea::value_and_gradient(fovea::softmax_cross_entropy{}, logits, classes);
struct softmax_cross_entropy {
  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> logits, C const& target) const {
    C const maximum = row.maximum(identity_formula{}, logits), largest = finite(maximum);
    C const below = distance(maximum, row.sum(formulas::pick<C>{target}, logits, column_index<T>{}));
    C const others = row.sum(formulas::other_exponentials<C>{largest, target}, logits, column_index<T>{});
    return sums(below, others).loss;
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> logits, C const& target, out<T> gradient,
                                C const& factor) const {
    C const maximum = row.maximum(identity_formula{}, logits), largest = finite(maximum);
    // The last use of the logits but for their exponentials, which may overwrite them: gradient may be the same memory.
    C const below = distance(maximum, row.sum(formulas::pick<C>{target}, logits, column_index<T>{}));
    C const others = row.sum(formulas::other_exponentials<C>{largest, target}, logits, column_index<T>{}, gradient);
    auto const found = sums(below, others);
    C const each_class = factor / found.sum;
    row.for_each(formulas::finish<C>{target, each_class, -each_class * others}, fovea::each<T>{gradient.elements},
                 column_index<T>{});
    return found.loss;
  }

 private:
  template <class C> FOVEA_HD static C finite(C const& x) { return (math::min)(x, C(largest_finite<scalar_of<C>>)); }
  /// Returns a - b, but 0 if both are infinite.
  template <class C> FOVEA_HD static C distance(C const& a, C const& b) {
    return math::select(a == b, C(scalar_of<C>(0)), a - b);
  }
  template <class C> struct sums_of_row {
    C sum, loss;
  };
  /// From the distance of the target's logit below the largest, and the sum of the other classes' exponentials.
  template <class C> FOVEA_HD static sums_of_row<C> sums(C const& below, C const& others) {
    C const mine = math::exp(-below);
    return {others + mine, below + math::log1p(others + (mine - C(1)))};
  }
};
static_assert(rowwise_loss<softmax_cross_entropy> && rowwise_loss<softmax_cross_entropy, double>);

}  // namespace fovea
