// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/initialization.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/grouping.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/tensor/backend.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/training/parameter_runs.hpp>
#include <fovea/training/updater_formulas.hpp>

namespace fovea {

namespace detail {

/// Returns f.template operator()<S...>() for the optimizers of the groups.
template <class O, class F> constexpr auto of_groups(F const& f) {
  return [&]<std::size_t... G>(std::index_sequence<G...>) {
    return f.template
    operator()<std::remove_cvref_t<decltype(grouping<O>::template select<G>(std::declval<O const&>()))>...>();
  }(std::make_index_sequence<grouping<O>::count>{});
}

/// Returns pass K of an optimizer, whose learning rate is multiplied by a factor in memory.
template <std::size_t K, class O> auto pass_at(O const& rule, double const* factor) {
  auto const all = passes<O>::template at<K>(rule);
  if constexpr (rated<std::remove_const_t<decltype(all)>>) return scheduled{formulas::rate_in_memory{factor}, all};
  else return all;
}

/// An optimizer at work: its state, the count of its steps and the coefficients of the step, all in the backend's memory.
///
/// A step is a sequence of passes over the parameters, one for each measurement and one more. Each pass runs the optimizers up to
/// the next measurement, which it folds.
template <backend B, class O> class updater {
 public:
  using value_type = typename B::value_type;
  using flat = typename B::template tensor<value_type, 1>;
  static constexpr std::size_t groups = grouping<O>::count;
  template <std::size_t G>
  using selected = std::remove_cvref_t<decltype(grouping<O>::template select<G>(std::declval<O const&>()))>;
  static constexpr bool groups_measure_evenly =
      of_groups<O>([]<class... S>() { return ((passes<S>::last_of_all == passes<selected<0>>::last_of_all) && ...); });
  static_assert(
      groups_measure_evenly,
      "groups: what measures all parameters stands before the groups, unless all groups measure equally often");

  updater(B const& b, O const& rule, std::vector<parameter_range> const& parameters)
      : rule_(rule), runs_(detail::runs_of(rule, parameters)), parameters_(end_of(parameters)), owned_(parameters_),
        state_(b.template empty<value_type>(std::array{state_count * parameters_})),
        step_(fovea::make_scalar<double>(b)), rate_(fovea::make_scalar<double>(b)),
        measured_(b.template empty<double>(std::array{(2 * tensors() + 1) * width})),
        coefficients_(b.template empty<double>(std::array{tensors() * stride})),
        numbers_(b.template empty<double>(std::array<std::size_t, 1>{preconditions ? 4 : 0})) {
    b.for_each_index(fovea::size(state_), formulas::fill<value_type>{fovea::data(state_), 0});
    b.for_each_index(1, formulas::fill<double>{step_.data(), 0});
    scale_rate(b, 1);
    b.for_each_index(fovea::size(measured_), formulas::fill<double>{fovea::data(measured_), 0});
    if constexpr (stores_gradient) left_.emplace(b.template empty<value_type>(std::array{parameters_}));
    if constexpr (prepares) {
      std::size_t most = 1;
      for_each_run(runs_.tensors, [&]<std::size_t G>(parameter_run const& run) {
        most = (std::max)(most, preparation_scratch<G>(run));
      });
      scratch_.emplace(b.template empty<value_type>(std::array{most}));
    }
  }

  /// True if the optimizer averages the parameters.
  static constexpr bool averages = [] {
    for (bool const one : links<selected<0>>::averages)
      if (one) return true;
    return false;
  }();
  /// True if the state of a part of the parameters is enough to update that part: nothing is measured of what was updated before.
  static constexpr bool shardable =
      of_groups<O>([]<class... S>() { return ((passes<S>::count == 1 && !prepared<S>)&&...); }) && !averages;
  /// True if a step begins by measuring the gradients of all parameters, or of a group's.
  static constexpr bool measures = of_groups<O>([]<class... S>() {
    return (measuring<std::remove_cvref_t<decltype(passes<S>::template first<0>(std::declval<S const&>()))>> || ...);
  });
  O const& rule() const { return rule_; }
  /// Keeps the state of these parameters alone, from 0, and updates no others.
  void shard(B const& b, std::size_t first, std::size_t owned) {
    first_ = first, owned_ = owned;
    state_ = b.template empty<value_type>(std::array{state_count * owned_});
    b.for_each_index(fovea::size(state_), formulas::fill<value_type>{fovea::data(state_), 0});
  }
  /// The numbers of state that are kept.
  std::size_t state_size() const { return fovea::size(state_); }
  /// Makes the whole state, which lasts until the next step, to be visited: `gather(own, all)` brings the other parts.
  template <class Gather> void gather_state(B const& b, Gather const& gather) {
    if (owned_ == parameters_ || whole_) return;
    whole_.emplace(b.template empty<value_type>(std::array{state_count * parameters_}));
    for (std::size_t s = 0; s != state_count; ++s)
      gather(fovea::data(std::as_const(state_)) + s * owned_, fovea::data(*whole_) + s * parameters_);
  }

  /// Takes a step on the parameters with their gradient.
  void operator()(B const& b, value_type* parameters, value_type const* slopes) {
    if (whole_) take_own_part(b);
    if constexpr (of_groups<O>([]<class... S>() { return (links<S>::measure[0] || ...); }))
      for_each_run(runs_.tensors,
                   [&]<std::size_t G>(parameter_run const& run) { measure<G>(b, parameters, slopes, run); });
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (take<K>(b, parameters, slopes), ...);
    }(std::make_index_sequence<pass_count>{});
  }

  /// Calls `visit` for all that a step changes and the next one reads.
  template <class Visit> void for_each_state(Visit& visit) {
    if constexpr (state_count != 0)
      if (owned_ == parameters_ || whole_)
        visit("optimizer.state", shape{std::array{state_count, parameters_}}, fovea::data(whole_ ? *whole_ : state_));
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
  value_type const* average() const {
    std::size_t before = 0;
    for (std::size_t i = 0; !links<selected<0>>::averages[i]; ++i) before += links<selected<0>>::states[i];
    return fovea::data(state_) + before * parameters_;
  }

 private:
  template <std::size_t G> decltype(auto) selection() const { return grouping<O>::template select<G>(rule_); }
  template <std::size_t G, std::size_t K> auto first_link() const {
    return passes<selected<G>>::template first<K>(selection<G>());
  }
  template <std::size_t G, std::size_t K> auto pass_rule_at() const {
    return detail::pass_at<K>(selection<G>(), rate_.data());
  }
  template <std::size_t G, std::size_t K>
  using pass_rule = decltype(detail::pass_at<K>(std::declval<selected<G> const&>(), nullptr));

  template <std::size_t G, std::size_t K>
  using first_of =
      std::remove_const_t<decltype(passes<selected<G>>::template first<K>(std::declval<selected<G> const&>()))>;

  static constexpr std::size_t pass_count =
      of_groups<O>([]<class... S>() { return (std::max)({passes<S>::count...}); });
  /// The numbers of state of a parameter: as many in all groups.
  static constexpr std::size_t state_count = passes<selected<0>>::states_before(passes<selected<0>>::count);
  static constexpr bool stores_gradient = pass_count != 1;
  static constexpr bool prepares = of_groups<O>([]<class... S>() { return (prepared<S> || ...); });
  static constexpr bool preconditions = of_groups<O>([]<class... S>() { return (links<S>::preconditions || ...); });
  /// The doubles of one tensor's coefficients.
  static constexpr std::size_t stride = of_groups<O>(
      []<class... S>() { return 1 + (std::max)({links<S>::coefficient_doubles...}); });  // one for the rate
  /// The sums that each tensor has.
  static constexpr std::size_t width = of_groups<O>([]<class... S>() {
    return (std::max)({std::size_t{1}, links<S>::most_sums...});
  });
  /// True if group G has a pass K, and if it is one for each tensor: because it measures, or its coefficients are the tensor's own.
  template <std::size_t G, std::size_t K> static constexpr bool has_pass = K < passes<selected<G>>::count;
  template <std::size_t G, std::size_t K> static constexpr bool by_tensor() {
    if constexpr (has_pass<G, K>) return has_pass<G, K + 1> || measures_tensors<first_of<G, K>>;
    else return false;
  }

  std::size_t tensors() const { return runs_.tensors.size(); }
  /// The place of what a link measures of a tensor. What one group measures lies together; what is frozen does not count.
  template <std::size_t G, class Link> std::size_t place_of(parameter_run const& run) const {
    if constexpr (grouping<O>::template frozen<G>) return 2 * tensors();
    else return measures_group<Link> ? tensors() + run.in_groups : run.number;
  }
  /// Returns the results of a reduction that measures `Sums` numbers at a place.
  template <std::size_t Sums> auto sums_at(std::size_t place) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return std::tuple{overall{fovea::data(measured_) + place * width + J}...};
    }(std::make_index_sequence<Sums>{});
  }
  /// The numbers of scratch that the links which prepare their state need for a tensor of group G.
  template <std::size_t G> std::size_t preparation_scratch(parameter_run const& run) const {
    using all = links<selected<G>>;
    std::size_t most = 0;
    auto const columns = run.rows == 0 ? 0 : run.size / run.rows;
    auto const one = [&]<class Link>([[maybe_unused]] Link const& rule) {
      if constexpr (scaling_units<Link>) most = (std::max)(most, 2 * run.rows);
      if constexpr (preconditioning<Link>) most = (std::max)(most, rule.scratch_numbers(run.rows, columns));
    };
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      (one(all::template at<J>(selection<G>())), ...);
    }(std::make_index_sequence<all::count>{});
    return most;
  }
  static std::size_t end_of(std::vector<parameter_range> const& all) {
    std::size_t n = 0;
    for (auto const& p : all) n = (std::max)(n, p.begin + p.size);
    return n;
  }
  /// Calls f.template operator()<group>(run) for each run.
  template <class F> void for_each_run(std::vector<parameter_run> const& runs, F const& f) const {
    for (auto const& run : runs)
      [&]<std::size_t... G>(std::index_sequence<G...>) {
        ((run.group == G ? f.template operator()<G>(run) : void()), ...);
      }(std::make_index_sequence<groups>{});
  }

  /// Measures a tensor for the first pass. Each tensor is folded alone, so that a sum over tensors does not depend on the groups.
  template <std::size_t G>
  void measure(B const& b, value_type const* parameters, value_type const* slopes, parameter_run const& run) {
    using first = first_of<G, 0>;
    if constexpr (measuring<first> && !grouping<O>::template frozen<G>) {
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
    if constexpr (prepares)
      [&]<std::size_t... G>(std::index_sequence<G...>) {
        (prepare<G, K>(b, parameters, from), ...);
      }(std::make_index_sequence<groups>{});
    if constexpr (of_groups<O>([]<class... S>() {
                    return ((passes<S>::count > K + 1 || links<S>::any_measures_tensors) || ...);
                  }))
      for_each_run(runs_.tensors, [&]<std::size_t G>(parameter_run const& run) {
        if constexpr (by_tensor<G, K>()) pass_over<G, K>(b, parameters, from, run);
      });
    for_each_run(runs_.merged, [&]<std::size_t G>(parameter_run const& run) {
      if constexpr (has_pass<G, K> && !by_tensor<G, K>()) pass_over<G, K>(b, parameters, from, run);
    });
  }
  /// Computes the coefficients of pass K: once for the group, or for each tensor where each is measured on its own.
  template <std::size_t G, std::size_t K> void compute_coefficients(B const& b, parameter_run const& run) {
    if constexpr (has_pass<G, K>) {
      using first = first_of<G, K>;
      using rule = pass_rule<G, K>;
      auto const& group = runs_.groups[G];
      if (!measures_tensors<first> && run.number != group.first) return;
      auto const [at, count] = measures_tensors<first> ? std::array{place_of<G, first>(run), std::size_t{1}}
                               : measures_group<first> ? std::array{tensors() + group.in_groups, group.count}
                                                       : std::array{std::size_t{0}, tensors()};
      b.for_each_index(1, formulas::pass_coefficients<rule, first, width>{
                              pass_rule_at<G, K>(), step_.data(), K == 0 && run.number == 0,
                              fovea::data(measured_) + at * width, count, coefficients<G, K>(run)});
    }
  }
  /// Runs the links of pass K over the parameters of a run.
  template <std::size_t G, std::size_t K>
  void pass_over(B const& b, value_type* parameters, value_type const* from, parameter_run const& run) {
    using rule = pass_rule<G, K>;
    auto const links = pass_rule_at<G, K>();
    auto const begin = (std::max)(run.begin, first_), end = (std::min)(run.begin + run.size, first_ + owned_);
    if (begin >= end) return;
    auto const places = domain<1, dynamic>({1, end - begin});
    auto* const state = fovea::data(state_) + passes<selected<G>>::states_before(K) * owned_ + (begin - first_);
    auto const* const c = coefficients<G, K>(run);
    [&]<std::size_t... S>(std::index_sequence<S...>) {
      if constexpr (!has_pass<G, K + 1>) {
        b.for_each(places, optimizer_step<rule>{links}, each{parameters + begin}, broadcast{c}, each{from + begin},
                   each{state + S * owned_}...);
      } else {
        using next = first_of<G, K + 1>;
        constexpr auto sums = (std::max)(std::size_t{1}, measured_sums<next>);
        b.reduce(places, formulas::pass_before<rule, next>{links, first_link<G, K + 1>()},
                 sums_at<sums>(place_of<G, next>(run)), each{parameters + run.begin}, broadcast{c},
                 each{from + run.begin}, out{fovea::data(*left_) + run.begin}, each{state + S * parameters_}...);
      }
    }(std::make_index_sequence<rule::state_count>{});
  }
  /// Takes the owned part of the whole state, which may have been restored.
  void take_own_part(B const& b) {
    for (std::size_t s = 0; s != state_count; ++s)
      b.copy(fovea::data(std::as_const(*whole_)) + s * parameters_ + first_, fovea::data(state_) + s * owned_, owned_);
    b.synchronize();
    whole_.reset();
  }
  /// Writes the numbers that links of pass K read as their first state: random numbers, factors of units, directions of tensors.
  template <std::size_t G, std::size_t K>
  void prepare(B const& b, value_type const* parameters, value_type const* slopes) {
    if constexpr (has_pass<G, K> && !grouping<O>::template frozen<G>) {
      using own = passes<selected<G>>;
      using all = links<selected<G>>;
      auto* state = fovea::data(state_) + own::states_before(K) * parameters_;
      auto const one = [&]<class Link>(Link const& rule, std::size_t states) {
        if constexpr (drawing<Link>)
          for (auto const& run : runs_.merged)
            if (run.group == G)
              b.for_each_index(run.size, formulas::draw_state<Link, value_type>{rule, step_.data(), run.begin, state});
        if constexpr (scaling_units<Link> || preconditioning<Link>)
          for (auto const& run : runs_.tensors)
            if (run.group == G && run.size != 0) prepare_tensor(b, rule, parameters, slopes, state, run);
        state += states * parameters_;
      };
      [&]<std::size_t... J>(std::index_sequence<J...>) {
        (one(all::template at<own::begin(K) + J>(selection<G>()), all::states[own::begin(K) + J]), ...);
      }(std::make_index_sequence<own::begin(K + 1) - own::begin(K)>{});
    }
  }
  template <class Link>
  void prepare_tensor(B const& b, Link const& rule, value_type const* parameters, value_type const* slopes,
                      value_type* state, parameter_run const& run) {
    domain<> const places({run.rows, run.size / run.rows});
    if constexpr (scaling_units<Link>) {
      auto *const of_parameters = fovea::data(*scratch_), *const of_slopes = of_parameters + run.rows;
      b.reduce(places, formulas::squares{}, std::tuple{by_row{of_parameters}, by_row{of_slopes}},
               each{parameters + run.begin}, each{slopes + run.begin});
      b.for_each(places, formulas::scale_of_unit<Link>{rule}, out{state + run.begin}, per_row{of_parameters},
                 per_row{of_slopes});
    }
    if constexpr (preconditioning<Link>)
      [&]<std::size_t... S>(std::index_sequence<S...>) {
        value_type* const of_run[] = {state + S * parameters_ + run.begin...};
        rule.precondition(b, matrix_to_precondition<value_type>{run.rows, run.size / run.rows, parameters + run.begin,
                                                                slopes + run.begin, of_run, fovea::data(*scratch_),
                                                                fovea::data(numbers_), step_.data()});
      }(std::make_index_sequence<Link::state_count>{});
  }
  /// Where the coefficients of a run lie: at its group's first tensor, or at its own where each tensor is measured.
  template <std::size_t G, std::size_t K> auto* coefficients(parameter_run const& run) {
    auto const at = measures_tensors<first_of<G, K>> ? run.number : runs_.groups[G].first;
    return reinterpret_cast<typename pass_rule<G, K>::coefficients*>(fovea::data(coefficients_) + at * stride);
  }

  O rule_;
  parameter_runs runs_;
  std::size_t parameters_, owned_, first_ = 0;  // all, and those whose state is kept
  flat state_;
  std::optional<flat> whole_;    // the state of all, if it has been gathered
  std::optional<flat> left_;     // the gradient between two passes
  std::optional<flat> scratch_;  // of what is prepared for one tensor
  typename B::template scalar<double> step_, rate_;
  double rate_factor_ = 1;
  typename B::template tensor<double, 1> measured_, coefficients_, numbers_;
};

}  // namespace detail

}  // namespace fovea
