// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/row_targets.hpp>
#include <fovea/scalar/formulas.hpp>

namespace fovea {

namespace formulas {

struct product_with_target {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x, Z const& t) const { return x * t; }
};
struct square_of_target {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const&, Z const& t) const { return t * t; }
};
struct square_of_number {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x) const { return x * x; }
};
template <class C> struct cosine_slope {
  C of_target, of_number;
  template <class Z> FOVEA_HD constexpr void operator()(Z const& x, Z const& t, Z& slope) const {
    slope = Z(of_target) * t + Z(of_number) * x;
  }
};

}  // namespace formulas

/// 1 - the cosine of the angle between a row of predictions and one of targets: PyTorch's CosineEmbeddingLoss of similar pairs, with
/// its 1e-12 beside each square. Targets have the predictions' shape, or are the class of each row.
///
///     float const mean = fovea::value(fovea::cosine_loss{}, predictions, targets);
struct cosine_loss {
  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> x, C const& target) const {
    return C(T(1)) - cosine_of(row, x, formulas::class_targets<C>{target}, column_index<T>{}).cosine();
  }
  template <class Row, class T> FOVEA_HD auto value(Row const& row, each<T const> x, each<T const> target) const {
    auto const cosine = cosine_of(row, x, formulas::given_targets{}, target).cosine();
    return decltype(cosine + cosine)(T(1)) - cosine;
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> x, C const& target, out<T> slopes,
                                C const& factor) const {
    return with_gradient(row, x, formulas::class_targets<C>{target}, column_index<T>{}, slopes, factor);
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> x, each<T const> target, out<T> slopes,
                                C const& factor) const {
    return with_gradient(row, x, formulas::given_targets{}, target, slopes, factor);
  }

 private:
  template <class C> struct sums {
    C product, own, size;  // size: the root of both squares' product
    FOVEA_HD C cosine() const { return product / size; }
  };
  template <class Row, class T, class Targets, class O>
  FOVEA_HD auto cosine_of(Row const& row, each<T const> x, Targets const& targets, O const& t) const {
    auto const product = row.sum(targets.take(formulas::product_with_target{}), x, t);
    using C = std::remove_const_t<decltype(product)>;
    C const epsilon = math::constant<C>(1e-12), own = row.sum(formulas::square_of_number{}, x) + epsilon;
    C const other = row.sum(targets.take(formulas::square_of_target{}), x, t) + epsilon;
    return sums<C>{product, own, math::sqrt(own) * math::sqrt(other)};
  }
  template <class Row, class T, class Targets, class O, class C>
  FOVEA_HD C with_gradient(Row const& row, each<T const> x, Targets const& targets, O const& t, out<T> slopes,
                           C const& factor) const {
    auto const found = cosine_of(row, x, targets, t);
    formulas::cosine_slope<C> const slope{-factor / found.size, factor * found.cosine() / found.own};
    row.for_each(targets.take(slope), x, t, slopes);
    return C(T(1)) - found.cosine();
  }
};
static_assert(loss_of_probabilities<cosine_loss> && loss_of_probabilities<cosine_loss, double>);

}  // namespace fovea
