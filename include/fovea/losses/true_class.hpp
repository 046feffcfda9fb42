// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/softmax.hpp>
#include <fovea/losses/rowwise.hpp>

/// What the losses of a row's class and its softmax share.
namespace fovea::formulas {

/// Returns an exponential, but 0 for the target: a row's sum is over the other classes. The second overload also stores the
/// exponential, of the target too.
template <class C> struct other_exponentials {
  exponential_below<C> exponential;
  C target;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& column) const {
    return math::select(column == Z(target), Z(0), exponential(z));
  }
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& column, Z& result) const {
    return math::select(column == Z(target), Z(0), exponential(z, result));
  }
};
template <class C> struct finish {
  C target, each, of_target;
  template <class Z> FOVEA_HD constexpr void operator()(Z& slope, Z const& column) const {
    slope = math::select(column == Z(target), Z(of_target), slope * Z(each));
  }
};

/// A row's softmax seen from its class: the other classes' exponentials, all, and the cross-entropy.
template <class C> struct true_class {
  C others, sum, loss;

  /// From the distance of the class's logit below the largest, and the sum of the other classes' exponentials.
  FOVEA_HD static true_class from_sums(C const& below, C const& others) {
    C const mine = math::exp(-below);
    return {others, others + mine, below + math::log1p(others + (mine - C(1)))};
  }
  /// Returns a - b, but 0 if both are infinite.
  FOVEA_HD static C distance(C const& a, C const& b) { return math::select(a == b, C(scalar_of<C>(0)), a - b); }

  /// The probabilities of the class, and of all others together.
  FOVEA_HD C hit() const { return math::exp(-loss); }
  FOVEA_HD C miss() const { return others / sum; }
};

/// Returns that of a row; stores the exponentials in `slopes`, if given, after the last use of the logits: they may be the same memory.
template <class Row, class T, class C, class... Out>
FOVEA_HD true_class<C> true_class_of(Row const& row, each<T const> logits, C const& target, Out const&... slopes) {
  C const maximum = row.maximum(identity_formula{}, logits);
  auto const exponential = exponential_of_row(maximum);
  C const below = true_class<C>::distance(maximum, row.sum(pick<C>{target}, logits, column_index<T>{}));
  C const others = row.sum(other_exponentials<C>{exponential, target}, logits, column_index<T>{}, slopes...);
  return true_class<C>::from_sums(below, formulas::sum_or_count(row, maximum, others, row.columns - 1, slopes...));
}
/// Makes the exponentials the gradient of a loss whose slope in the class's logit is -`slope`: the others share it.
template <class Row, class T, class C>
FOVEA_HD void share_slope(Row const& row, C const& target, true_class<C> const& found, C const& slope, out<T> slopes) {
  C const each_class = math::select(found.others == C(scalar_of<C>(0)), C(scalar_of<C>(0)), slope / found.others);
  row.for_each(finish<C>{target, each_class, -slope}, fovea::each<T>{slopes.elements}, column_index<T>{});
}

}  // namespace fovea::formulas
