// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/optimizers/chain.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/training/optimizer_state.hpp>
#include <fovea/training/parameter_runs.hpp>
#include <fovea/training/update_plan.hpp>
#include <fovea/training/updater_formulas.hpp>

namespace fovea::detail {

/// Writes the numbers that links read as their first state: random numbers, factors of units, directions of tensors.
template <backend B, class O> class state_preparation {
 public:
  using value_type = typename B::value_type;
  using plan = update_plan<O>;

  /// What a step begins with: the parameters, their gradients and the count of steps.
  struct step_input {
    value_type const *parameters, *gradients;
    double const* step;
  };

  state_preparation(B const& b, O const& rule, parameter_runs const& runs)
      : scratch_(b.template empty<value_type>(std::array{scratch_numbers(rule, runs)})),
        numbers_(b.template empty<double>(std::array<std::size_t, 1>{plan::preconditions ? 4 : 0})) {}

  /// Writes what the links of pass K of group G read.
  template <std::size_t G, std::size_t K>
  void prepare(B const& b, O const& rule, parameter_runs const& runs, step_input const& input,
               optimizer_state<B>& state) {
    if constexpr (plan::template has_pass<G, K> && !plan::template frozen<G>) {
      using own = passes<typename plan::template selected<G>>;
      using all = links<typename plan::template selected<G>>;
      auto first_state = own::states_before(K);
      auto const of_link = [&]<class Link>(Link const& link, std::size_t states) {
        if constexpr (drawing<Link>)
          for (auto const& run : runs.merged)
            if (run.group == G)
              b.for_each_index(run.size, formulas::draw_state<Link, value_type>{link, input.step, run.begin,
                                                                                state.numbers(first_state, 0)});
        if constexpr (scaling_units<Link>)
          for (auto const& run : runs.tensors)
            if (run.group == G && run.size != 0)
              scale_units(b, link, run, input, state.numbers(first_state, run.begin));
        if constexpr (preconditioning<Link>)
          for (auto const& run : runs.tensors)
            if (run.group == G && run.size != 0) precondition(b, link, run, input, state, first_state);
        first_state += states;
      };
      [&]<std::size_t... J>(std::index_sequence<J...>) {
        (of_link(all::template link<own::begin(K) + J>(plan::template select<G>(rule)), all::states[own::begin(K) + J]),
         ...);
      }(std::make_index_sequence<own::begin(K + 1) - own::begin(K)>{});
    }
  }

 private:
  /// The numbers of scratch that the links need for any one tensor.
  static std::size_t scratch_numbers(O const& rule, parameter_runs const& runs) {
    std::size_t most = plan::prepares ? 1 : 0;
    if constexpr (plan::prepares)
      [&]<std::size_t... G>(std::index_sequence<G...>) {
        (add_scratch<G>(rule, runs, most), ...);
      }(std::make_index_sequence<plan::groups>{});
    return most;
  }
  template <std::size_t G> static void add_scratch(O const& rule, parameter_runs const& runs, std::size_t& most) {
    using all = links<typename plan::template selected<G>>;
    auto const of_link = [&]<class Link>([[maybe_unused]] Link const& link) {
      for (auto const& run : runs.tensors) {
        if (run.group != G) continue;
        if constexpr (scaling_units<Link>) most = (std::max)(most, 2 * run.rows);
        if constexpr (preconditioning<Link>)
          most = (std::max)(most, link.scratch_numbers(run.rows, run.rows == 0 ? 0 : run.size / run.rows));
      }
    };
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      (of_link(all::template link<J>(plan::template select<G>(rule))), ...);
    }(std::make_index_sequence<all::count>{});
  }
  /// Writes the factor of each unit's gradients, which depends on the sums of squares of its parameters and gradients.
  template <class Link>
  void scale_units(B const& b, Link const& link, parameter_run const& run, step_input const& input, value_type* state) {
    domain<> const places({run.rows, run.size / run.rows});
    auto *const of_parameters = fovea::data(scratch_), *const of_gradients = of_parameters + run.rows;
    b.reduce(places, formulas::squares{}, std::tuple{by_row{of_parameters}, by_row{of_gradients}},
             each{input.parameters + run.begin}, each{input.gradients + run.begin});
    b.for_each(places, formulas::scale_of_unit<Link>{link}, out{state}, per_row{of_parameters}, per_row{of_gradients});
  }
  template <class Link>
  void precondition(B const& b, Link const& link, parameter_run const& run, step_input const& input,
                    optimizer_state<B>& state, std::size_t first_state) {
    [&]<std::size_t... S>(std::index_sequence<S...>) {
      value_type* const of_run[] = {state.numbers(first_state + S, run.begin)...};
      link.precondition(b, matrix_to_precondition<value_type>{
                               run.rows, run.size / run.rows, input.parameters + run.begin, input.gradients + run.begin,
                               of_run, fovea::data(scratch_), fovea::data(numbers_), input.step});
    }(std::make_index_sequence<Link::state_count>{});
  }

  typename B::template tensor<value_type, 1> scratch_;  // of what is prepared for one tensor
  typename B::template tensor<double, 1> numbers_;
};

}  // namespace fovea::detail
