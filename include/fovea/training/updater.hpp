// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

namespace formulas {

/// Increments the optimizer's step count and computes the coefficients of that step, both in the backend's memory, so that a
/// device needs no data from the host at each step.
template <class O> struct advance_optimizer {
  O rule;
  double* step;
  typename O::coefficients* coefficients;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *step = *step + 1;
    *coefficients = rule.coefficients_at(*step);
  }
};

}  // namespace formulas

namespace detail {

/// An optimizer at work: its state, the count of its steps and the coefficients of the step, all in the backend's memory.
template <backend B, class O> class updater {
 public:
  using value_type = typename B::value_type;

  updater(B const& b, O const& rule, std::size_t parameters)
      : rule_(rule), state_(b.template empty<value_type>(std::array{O::state_count * parameters})),
        step_(make_scalar<double>(b)), coefficients_(make_scalar<typename O::coefficients>(b)) {
    b.for_each_index(fovea::size(state_), formulas::fill<value_type>{fovea::data(state_), 0});
    b.for_each_index(1, formulas::fill<double>{step_.data(), 0});
  }

  /// Takes a step: one pass over n parameters, their gradient and their state.
  void operator()(B const& b, value_type* parameters, value_type const* gradient, std::size_t n) {
    b.for_each_index(1, formulas::advance_optimizer<O>{rule_, step_.data(), coefficients_.data()});
    auto* state = fovea::data(state_);
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      b.for_each(domain<1, dynamic>({1, n}), optimizer_step<O>{rule_}, each{parameters},
                 broadcast{std::as_const(coefficients_).data()}, each{gradient}, each{state + K * n}...);
    }(std::make_index_sequence<O::state_count>{});
  }

  O const& rule() const { return rule_; }
  /// The number of steps taken, in the backend's memory.
  double const* step() const { return step_.data(); }

 private:
  O rule_;
  typename B::template tensor<value_type, 1> state_;
  typename B::template scalar<double> step_;
  typename B::template scalar<typename O::coefficients> coefficients_;
};

}  // namespace detail

}  // namespace fovea
