// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/class_weights.hpp>

namespace fovea {

/// The negative log probability of a row's class: PyTorch's NLLLoss, for networks that end in `log_softmax`. `softmax_cross_entropy`
/// on logits computes both at once, more accurately. The mean divides by the sum of the weights of the rows' classes.
///
///     float const mean = fovea::value(fovea::nll_loss{}, log_probabilities, classes);
struct nll_loss {
  optional_number ignore_index = std::nullopt;
  class_weights weight = {};

  void check_outputs(std::size_t classes) const { weight.check("nll_loss", classes); }

  template <class Row, class T, class C> FOVEA_HD C value(Row const& row, each<T const> x, C const& target) const {
    C const own = weight.of_class<T>(row, target);
    return weight.counted<T>(row, own, C(-row.sum(formulas::pick<C>{target}, x, column_index<T>{}) * own));
  }
  template <class Row, class T, class C>
  FOVEA_HD C value_and_gradient(Row const& row, each<T const> x, C const& target, out<T> slopes,
                                C const& factor) const {
    C const loss = value(row, x, target);
    row.for_each(at_target<C>{target, -factor * weight.of_class<T>(row, target)}, column_index<T>{}, slopes);
    return loss;
  }
  bool reads_within(void const* first, void const* last) const { return weight.within(first, last); }
  bool counts() const { return weight.elements != nullptr || static_cast<bool>(ignore_index); }
  template <class Row, class C> FOVEA_HD C part(Row const& row, C const& target) const {
    return weight.part(row, target, ignore_index);
  }

  template <class C> struct at_target {
    C target, slope;
    template <class Z> FOVEA_HD constexpr void operator()(Z const& column, Z& to) const {
      to = math::select(column == Z(target), Z(slope), Z(0));
    }
  };
};
static_assert(rowwise_loss<nll_loss> && rowwise_loss<nll_loss, double>);

}  // namespace fovea
