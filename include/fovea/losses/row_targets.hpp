// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <fovea/losses/rowwise.hpp>

/// For losses of a row of predictions and a row of targets: the row's class counts as the row that is 1 there and 0 elsewhere.
namespace fovea::formulas {

/// Returns f(prediction, target, result...), with the target from a row's class, or as it is.
template <class F, class C> struct of_class_target {
  F f;
  C target;
  template <class Z, class... R> FOVEA_HD constexpr auto operator()(Z const& z, Z const& column, R&... result) const {
    return f(z, math::select(column == Z(target), Z(1), Z(0)), result...);
  }
};

/// The operand that holds a row's targets, and a formula of it.
template <class C> struct class_targets {
  C target;
  template <class F> FOVEA_HD of_class_target<F, C> take(F const& f) const { return {f, target}; }
};
struct given_targets {
  template <class F> FOVEA_HD F take(F const& f) const { return f; }
};

}  // namespace fovea::formulas
