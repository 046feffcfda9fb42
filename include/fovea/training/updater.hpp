// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/layers/initialization.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/training/optimizer_state.hpp>
#include <fovea/training/parameter_runs.hpp>
#include <fovea/training/state_preparation.hpp>
#include <fovea/training/update_plan.hpp>
#include <fovea/training/updater_formulas.hpp>

namespace fovea::detail {

/// An optimizer at work: its state, the count of its steps and the coefficients of the step, all in the backend's memory. A step runs
/// the passes of its plan; each runs the links up to the next measurement, which it folds.
template <backend B, class O> class updater {
 public:
  using value_type = typename B::value_type;
  using plan = update_plan<O>;

  updater(B const& b, O const& rule, std::vector<parameter_range> const& parameters)
      : rule_(rule), runs_(detail::runs_of(rule, parameters)), state_(b, plan::state_count, end_of(parameters)),
        preparation_(b, rule_, runs_), step_(fovea::make_scalar<double>(b)), rate_(fovea::make_scalar<double>(b)),
        measured_(b.template empty<double>(std::array{(2 * tensors() + 1) * plan::sums})),
        coefficients_(b.template empty<double>(std::array{tensors() * plan::coefficient_doubles})) {
    b.for_each_index(1, formulas::fill<double>{step_.data(), 0});
    scale_rate(b, 1);
    b.for_each_index(fovea::size(measured_), formulas::fill<double>{fovea::data(measured_), 0});
    if constexpr (plan::pass_count != 1) left_.emplace(b.template empty<value_type>(std::array{end_of(parameters)}));
  }

  static constexpr bool averages = plan::averages, shardable = plan::shardable, measures = plan::measures;
  O const& rule() const { return rule_; }
  /// Keeps the state of these parameters alone, from 0, and updates no others.
  void shard(B const& b, std::size_t first, std::size_t owned) { state_.shard(b, first, owned); }
  /// The numbers of state that are kept.
  std::size_t state_size() const { return state_.size(); }
  /// Makes the whole state, which lasts until the next step, to be visited: `gather(own, all)` brings the other parts.
  template <class Gather> void gather_state(B const& b, Gather const& gather) { state_.gather(b, gather); }

  /// Takes a step on the parameters with their gradient.
  void operator()(B const& b, value_type* parameters, value_type const* slopes) {
    state_.keep_owned(b);
    if constexpr (plan::of_groups([]<class... S>() { return (links<S>::measure[0] || ...); }))
      for_each_run(runs_.tensors,
                   [&]<std::size_t G>(parameter_run const& run) { measure<G>(b, parameters, slopes, run); });
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (take<K>(b, parameters, slopes), ...);
    }(std::make_index_sequence<plan::pass_count>{});
  }

  /// Calls `visit` for all that a step changes and the next one reads.
  template <class Visit> void for_each_state(Visit& visit) {
    state_.for_each_state(visit);
    visit("optimizer.step", shape{}, step_.data());
    visit("optimizer.rate", shape{}, rate_.data());
    visit("optimizer.rate_factor", rate_factor_);
  }
  /// Multiplies the learning rate, from the next step on.
  void scale_rate(B const& b, double factor) {
    rate_factor_ *= factor;
    b.for_each_index(1, formulas::fill<double>{rate_.data(), rate_factor_});
  }
  /// The learning rate of a step.
  double learning_rate_at(double step) const { return rate_factor_ * fovea::learning_rate_at(rule_, step); }
  /// The number of steps taken, in the backend's memory.
  double const* step() const { return step_.data(); }
  /// Where the average is.
  value_type const* average() const { return state_.numbers(plan::states_before_average(), 0); }

 private:
  template <std::size_t G, std::size_t K> using first_of = typename plan::template first<G, K>;
  template <std::size_t G, std::size_t K> using pass_of = typename plan::template pass<G, K>;
  template <std::size_t G, std::size_t K> auto first_link() const {
    return passes<typename plan::template selected<G>>::template first<K>(plan::template select<G>(rule_));
  }
  template <std::size_t G, std::size_t K> auto pass_at() const {
    return detail::pass_at<K>(plan::template select<G>(rule_), rate_.data());
  }

  std::size_t tensors() const { return runs_.tensors.size(); }
  static std::size_t end_of(std::vector<parameter_range> const& all) {
    std::size_t n = 0;
    for (auto const& p : all) n = (std::max)(n, p.begin + p.size);
    return n;
  }
  /// The place of what a link measures of a tensor. What one group measures lies together; what is frozen does not count.
  template <std::size_t G, class Link> std::size_t place_of(parameter_run const& run) const {
    if constexpr (plan::template frozen<G>) return 2 * tensors();
    else return measures_group<Link> ? tensors() + run.in_groups : run.number;
  }
  /// Returns the results of a reduction that measures `Sums` numbers at a place.
  template <std::size_t Sums> auto sums_at(std::size_t place) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return std::tuple{overall{fovea::data(measured_) + place * plan::sums + J}...};
    }(std::make_index_sequence<Sums>{});
  }
  /// Calls f.template operator()<group>(run) for each run.
  template <class F> void for_each_run(std::vector<parameter_run> const& runs, F const& f) const {
    for (auto const& run : runs)
      [&]<std::size_t... G>(std::index_sequence<G...>) {
        ((run.group == G ? f.template operator()<G>(run) : void()), ...);
      }(std::make_index_sequence<plan::groups>{});
  }

  /// Measures a tensor for the first pass. Each tensor is folded alone, so that a sum over tensors does not depend on the groups.
  template <std::size_t G>
  void measure(B const& b, value_type const* parameters, value_type const* slopes, parameter_run const& run) {
    using first = first_of<G, 0>;
    if constexpr (measuring<first> && !plan::template frozen<G>) {
      auto const rule = first_link<G, 0>();
      if constexpr (requires { rule.measures_nothing(); })
        if (rule.measures_nothing()) return;
      b.reduce(domain<1, dynamic>({1, run.size}), formulas::measure<first>{rule},
               sums_at<measured_sums<first>>(place_of<G, first>(run)), each{parameters + run.begin},
               each{slopes + run.begin});
    }
  }
  /// Runs pass K: computes its coefficients, and updates the parameters.
  template <std::size_t K> void take(B const& b, value_type* parameters, value_type const* slopes) {
    for_each_run(runs_.tensors, [&]<std::size_t G>(parameter_run const& run) { compute_coefficients<G, K>(b, run); });
    auto const* const from = K == 0 ? slopes : fovea::data(std::as_const(*left_));
    if constexpr (plan::prepares)
      [&]<std::size_t... G>(std::index_sequence<G...>) {
        (preparation_.template prepare<G, K>(b, rule_, runs_, {parameters, from, step_.data()}, state_), ...);
      }(std::make_index_sequence<plan::groups>{});
    if constexpr (plan::of_groups([]<class... S>() {
                    return ((passes<S>::count > K + 1 || links<S>::any_measures_tensors) || ...);
                  }))
      for_each_run(runs_.tensors, [&]<std::size_t G>(parameter_run const& run) {
        if constexpr (plan::template by_tensor<G, K>()) pass_over<G, K>(b, parameters, from, run);
      });
    for_each_run(runs_.merged, [&]<std::size_t G>(parameter_run const& run) {
      if constexpr (plan::template has_pass<G, K> && !plan::template by_tensor<G, K>())
        pass_over<G, K>(b, parameters, from, run);
    });
  }
  /// Computes the coefficients of pass K: once for the group, or for each tensor where each is measured on its own.
  template <std::size_t G, std::size_t K> void compute_coefficients(B const& b, parameter_run const& run) {
    if constexpr (plan::template has_pass<G, K>) {
      using first = first_of<G, K>;
      using rule = pass_of<G, K>;
      auto const& group = runs_.groups[G];
      if (!measures_tensors<first> && run.number != group.first) return;
      auto const [place, count] = measures_tensors<first> ? std::array{place_of<G, first>(run), std::size_t{1}}
                                  : measures_group<first> ? std::array{tensors() + group.in_groups, group.count}
                                                          : std::array{std::size_t{0}, tensors()};
      b.for_each_index(1, formulas::pass_coefficients<rule, first, plan::sums>{
                              pass_at<G, K>(), step_.data(), K == 0 && run.number == 0,
                              fovea::data(measured_) + place * plan::sums, count, coefficients<G, K>(run)});
    }
  }
  /// Runs the links of pass K over the parameters of a run.
  template <std::size_t G, std::size_t K>
  void pass_over(B const& b, value_type* parameters, value_type const* from, parameter_run const& run) {
    using rule = pass_of<G, K>;
    auto const links = pass_at<G, K>();
    auto const begin = (std::max)(run.begin, state_.first());
    auto const end = (std::min)(run.begin + run.size, state_.first() + state_.owned());
    if (begin >= end) return;
    auto const places = domain<1, dynamic>({1, end - begin});
    constexpr auto before = passes<typename plan::template selected<G>>::states_before(K);
    auto const* const c = coefficients<G, K>(run);
    [&]<std::size_t... S>(std::index_sequence<S...>) {
      if constexpr (!plan::template has_pass<G, K + 1>) {
        b.for_each(places, optimizer_step<rule>{links}, each{parameters + begin}, broadcast{c}, each{from + begin},
                   each{state_.numbers(before + S, begin)}...);
      } else {
        using next = first_of<G, K + 1>;
        constexpr auto sums = (std::max)(std::size_t{1}, measured_sums<next>);
        b.reduce(places, formulas::pass_before<rule, next>{links, first_link<G, K + 1>()},
                 sums_at<sums>(place_of<G, next>(run)), each{parameters + run.begin}, broadcast{c},
                 each{from + run.begin}, out{fovea::data(*left_) + run.begin},
                 each{state_.numbers(before + S, begin)}...);
      }
    }(std::make_index_sequence<rule::state_count>{});
  }
  /// Where the coefficients of a run lie: at its group's first tensor, or at its own where each tensor is measured.
  template <std::size_t G, std::size_t K> auto* coefficients(parameter_run const& run) {
    auto const number = measures_tensors<first_of<G, K>> ? run.number : runs_.groups[G].first;
    return reinterpret_cast<typename pass_of<G, K>::coefficients*>(fovea::data(coefficients_) +
                                                                   number * plan::coefficient_doubles);
  }

  O rule_;
  parameter_runs runs_;
  optimizer_state<B> state_;
  state_preparation<B, O> preparation_;
  std::optional<typename B::template tensor<value_type, 1>> left_;  // the gradient between two passes
  typename B::template scalar<double> step_, rate_;
  double rate_factor_ = 1;
  typename B::template tensor<double, 1> measured_, coefficients_;
};

}  // namespace fovea::detail
