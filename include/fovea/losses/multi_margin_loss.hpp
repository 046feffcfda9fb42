// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/class_weights.hpp>
#include <fovea/scalar/primitives.hpp>

namespace fovea {

/// The mean over a row's classes of max(margin + z - z_target, 0)^`p`, without a term for the target: PyTorch's MultiMarginLoss. Weights
/// multiply a row's loss; as in PyTorch, the mean divides by the number of rows.
///
///     float const mean = fovea::value(fovea::multi_margin_loss{}, logits, classes);
struct multi_margin_loss {
  double margin = 1;
  int p = 1;
  class_weights weight = {};

  void validate() const {
    require(margin >= -1e30 && margin <= 1e30, "multi_margin_loss: margin must be finite", margin);
    require(p == 1 || p == 2, "multi_margin_loss: p must be 1 or 2", p);
  }
  void check_outputs(std::size_t classes) const { weight.check("multi_margin_loss", classes); }
  bool reads_within(void const* first, void const* last) const { return weight.within(first, last); }

  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> z, C const& target) const {
    auto const term = hinge_of<T>(row, z, target, C(T(1)));
    return weight.counted<T>(row, term.weight, C(row.sum(term, z, column_index<T>{})));
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> z, C const& target, out<T> slopes,
                                C const& factor) const {
    auto const term = hinge_of<T>(row, z, target, factor);
    C const loss = row.sum(term, z, column_index<T>{}, slopes);
    C const others = row.sum(identity_formula{}, each<T const>{slopes.elements});
    row.for_each(put<C>{target, -others}, each<T>{slopes.elements}, column_index<T>{});
    return weight.counted<T>(row, term.weight, loss, slopes);
  }

  template <class C> struct put {
    C target, slope;
    template <class Z> FOVEA_HD constexpr void operator()(Z& to, Z const& column) const {
      to = math::select(column == Z(target), Z(slope), to);
    }
  };
  template <class C> struct hinge {
    C target, bound, weight, share, factor;
    bool square;
    template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& column) const {
      Z const over = math::relu(z - Z(bound));
      return math::select(column == Z(target), Z(0), (square ? over * over : over) * Z(share));
    }
    template <class Z> FOVEA_HD constexpr Z operator()(Z const& z, Z const& column, Z& slope) const {
      Z const over = math::select(column == Z(target), Z(0), math::relu(z - Z(bound)));
      slope = math::select(over > Z(0), square ? Z(2) * over : Z(1), Z(0)) * Z(share * factor);
      return (square ? over * over : over) * Z(share);
    }
  };

 private:
  template <class T, class Row, class C>
  FOVEA_HD hinge<C> hinge_of(Row const& row, each<T const> z, C const& target, C const& factor) const {
    C const own = row.sum(formulas::pick<C>{target}, z, column_index<T>{});
    C const of_class = weight.of_class<T>(row, target);
    C const share = math::constant<C>(1 / static_cast<double>(row.columns)) * of_class;
    return {target, own - math::constant<C>(margin), of_class, share, factor, p == 2};
  }
};
static_assert(rowwise_loss<multi_margin_loss> && rowwise_loss<multi_margin_loss, double>);

}  // namespace fovea
