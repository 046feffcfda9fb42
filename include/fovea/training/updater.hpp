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

namespace fovea {

namespace formulas {

/// Computes the coefficients of a pass in the backend's memory, so that a device needs no data from the host at each step; the
/// first of a step counts it. What a pass measured is the sum of `count` numbers, or several sums, of which `Width` lie together.
template <class O, class First, std::size_t Width> struct pass_coefficients {
  O rule;
  double* step;
  bool begins_step;
  double const* measured;
  std::size_t count;
  typename O::coefficients* destination;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    if (begins_step) *step = *step + 1;
    if constexpr (measuring<First>) {
      double sums[Width] = {};
      for (std::size_t i = 0; i != count; ++i)
        for (std::size_t j = 0; j != Width; ++j) sums[j] += measured[i * Width + j];
      *destination = detail::coefficients_from(std::make_index_sequence<detail::measured_sums<First>>{}, rule, *step, sums);
    } else {
      *destination = rule.coefficients_at(*step);
    }
  }
};
/// A factor of the learning rate that may change between two steps, also between two replays of a recorded one.
struct rate_in_memory {
  double const* factor;
  FOVEA_HD constexpr double operator()(double) const { return *factor; }
};
/// Returns what an optimizer measures.
template <class O> struct measure {
  O rule;
  template <class T> FOVEA_HD constexpr auto operator()(T const& parameter, T const& slope) const {
    return rule.measure(parameter, slope);
  }
};
/// Draws the random numbers of a link, for the step that has been counted.
template <class O, class T> struct draw_state {
  O rule;
  double const* step;
  T* destination;
  FOVEA_HD void operator()(std::size_t i) const { destination[i] = static_cast<T>(rule.draw(*step, i)); }
};
/// Sums the squares of a unit's parameters and gradients, and writes the factor of each of its gradients.
struct squares {
  template <class T> FOVEA_HD constexpr terms<T, 2> operator()(T const& parameter, T const& slope) const {
    return {parameter * parameter, slope * slope};
  }
};
template <class O> struct scale_of_unit {
  O rule;
  template <class T> FOVEA_HD constexpr void operator()(T& to, T const& parameters, T const& gradients) const {
    to = rule.unit_scale(parameters, gradients);
  }
};
/// Runs the optimizers of a pass, keeps the gradient that they leave, and returns what the next pass measures of it.
template <class O, class Next> struct pass_before {
  O rule;
  Next next;
  template <class T, class C, class... S>
  FOVEA_HD constexpr auto operator()(T& parameter, C const& coefficients, T const& g, T& left, S&... state) const {
    T slope = g;
    rule(coefficients, parameter, slope, state...);
    left = slope;
    if constexpr (measuring<Next, T>) return next.measure(parameter, slope);
    else return T(0);  // the next pass prepares its state from the gradients that are left
  }
};

}  // namespace formulas

namespace detail {

/// Neighboring parameters that one optimizer updates; of one tensor, also its rows.
struct parameter_run {
  std::size_t group, begin, size, rows;
};

/// Returns the named parameters of a model in its flat tensor.
template <class Model> std::vector<parameter_range> ranges_of(Model const& model) {
  std::vector<parameter_range> all;
  for (auto const& p : model.named_parameters())
    all.push_back({p.name, static_cast<std::size_t>(p.elements.elements - fovea::data(model.parameters())),
                   p.extents.size(), p.extents.rank() < 2 ? 1 : p.extents[0]});
  return all;
}

/// True if an optimizer, or one of its links, measures each parameter tensor on its own.
template <class O> inline constexpr bool measures_tensors = requires { requires O::per_tensor; };
template <class... O> inline constexpr bool measures_tensors<chain<O...>> = (measures_tensors<O> || ...);

/// Returns the runs of neighboring parameters that have one group; where each tensor counts, one run for each.
template <class O> std::vector<parameter_run> runs_of(O const& rule, std::vector<parameter_range> const& all) {
  std::vector<parameter_run> runs;
  for (std::size_t i = 0; auto const group : grouping<O>::assign(rule, all)) {
    auto const& p = all[i++];
    bool const tied = !runs.empty() && p.begin < runs.back().begin + runs.back().size;
    if (tied || p.size == 0) continue;
    if (!runs.empty() && runs.back().group == group && !measures_tensors<O>) runs.back().size += p.size;
    else runs.push_back({group, p.begin, p.size, p.rows});
  }
  if (runs.empty()) runs.push_back({0, 0, 0, 1});
  return runs;
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
  template <std::size_t G>
  using selected = std::remove_cvref_t<decltype(grouping<O>::template select<G>(std::declval<O const&>()))>;
  static_assert(
      !links<selected<0>>::hide_preparation,
      "trainer: what draws noise, scales units or preconditions is a link of the outermost chain, outside of `scheduled`");

  updater(B const& b, O const& rule, std::vector<parameter_range> const& parameters)
      : rule_(rule), runs_(runs_of(rule, parameters)), parameters_(end_of(parameters)), owned_(parameters_),
        state_(b.template empty<value_type>(std::array{state_count * parameters_})), step_(make_scalar<double>(b)),
        rate_(make_scalar<double>(b)), measured_(b.template empty<double>(std::array{(runs_.size() + 1) * width})),
        coefficients_(b.template empty<double>(std::array{runs_.size() * stride})),
        numbers_(b.template empty<double>(std::array<std::size_t, 1>{preconditions ? 4 : 0})) {
    b.for_each_index(fovea::size(state_), formulas::fill<value_type>{fovea::data(state_), 0});
    b.for_each_index(1, formulas::fill<double>{step_.data(), 0});
    scale_rate(b, 1);
    b.for_each_index(fovea::size(measured_), formulas::fill<double>{fovea::data(measured_), 0});
    if constexpr (stores_gradient) left_.emplace(b.template empty<value_type>(std::array{parameters_}));
    if constexpr (prepared<selected<0>>) {
      std::size_t most = 1;
      for (auto const& run : runs_) most = (std::max)(most, preparation_scratch(run));
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
  static constexpr bool shardable = passes<selected<0>>::count == 1 && !prepared<selected<0>> && !averages;
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
    if constexpr (measuring<std::remove_cvref_t<decltype(first_link<0, 0>())>>)
      for_each_run([&]<std::size_t G>(parameter_run const& run, std::size_t r) {
        using all = passes<selected<G>>;
        auto const first = all::template first<0>(selection<G>());
        if constexpr (!grouping<O>::template frozen<G>)
          b.reduce(domain<1, dynamic>({1, run.size}), formulas::measure<std::remove_const_t<decltype(first)>>{first},
                   sums_at<measured_sums<std::remove_const_t<decltype(first)>>>(r),
                   each{std::as_const(parameters) + run.begin}, each{slopes + run.begin});
      });
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

  using first_passes = passes<selected<0>>;
  static constexpr std::size_t groups = grouping<O>::count, pass_count = first_passes::count;
  static constexpr std::size_t state_count = first_passes::states_before(pass_count);
  static constexpr bool stores_gradient = pass_count != 1;
  static constexpr bool preconditions = links<selected<0>>::preconditions;
  /// The doubles of one run's coefficients.
  static constexpr std::size_t stride = []<std::size_t... G>(std::index_sequence<G...>) {
    return 1 + (std::max)({links<selected<G>>::coefficient_doubles...});  // one for the rate
  }(std::make_index_sequence<groups>{});

  /// The sums that each run has.
  static constexpr std::size_t width = []<std::size_t... G>(std::index_sequence<G...>) {
    return (std::max)({std::size_t{1}, links<selected<G>>::most_sums...});
  }(std::make_index_sequence<groups>{});

  /// Returns the results of a reduction that measures `Sums` numbers of run r.
  template <std::size_t Sums> auto sums_at(std::size_t r) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple{overall{fovea::data(measured_) + r * width + I}...};
    }(std::make_index_sequence<Sums>{});
  }
  /// The numbers of scratch that the links which prepare their state need for a run.
  std::size_t preparation_scratch(parameter_run const& run) const {
    std::size_t most = 0;
    auto const columns = run.rows == 0 ? 0 : run.size / run.rows;
    auto const one = [&]<class Link>([[maybe_unused]] Link const& rule) {
      if constexpr (scaling_units<Link>) most = (std::max)(most, 2 * run.rows);
      if constexpr (preconditioning<Link>) most = (std::max)(most, rule.scratch_numbers(run.rows, columns));
    };
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      (one(links<selected<0>>::template at<J>(selection<0>())), ...);
    }(std::make_index_sequence<links<selected<0>>::count>{});
    return most;
  }
  static std::size_t end_of(std::vector<parameter_range> const& all) {
    std::size_t n = 0;
    for (auto const& p : all) n = (std::max)(n, p.begin + p.size);
    return n;
  }
  /// Calls f.template operator()<group>(run, number) for each run.
  template <class F> void for_each_run(F const& f) const {
    for (std::size_t r = 0; r != runs_.size(); ++r)
      [&]<std::size_t... G>(std::index_sequence<G...>) {
        ((runs_[r].group == G ? f.template operator()<G>(runs_[r], r) : void()), ...);
      }(std::make_index_sequence<groups>{});
  }

  /// Runs pass K: computes its coefficients, and updates the parameters.
  template <std::size_t K> void take(B const& b, value_type* parameters, value_type const* slopes) {
    auto* const numbers = fovea::data(measured_);
    for_each_run([&]<std::size_t G>(parameter_run const&, std::size_t r) {
      using first = std::remove_cvref_t<decltype(first_link<G, K>())>;
      using rule = pass_rule<G, K>;
      constexpr bool own = measures_tensors<first>;
      if (coefficients_run<G, K>(r) == r)
        b.for_each_index(1, formulas::pass_coefficients<rule, first, width>{
                                pass_rule_at<G, K>(), step_.data(), K == 0 && r == 0,
                                own ? numbers + r * width : numbers, own ? 1 : runs_.size(), coefficients<G, K>(r)});
    });
    auto const* const from = K == 0 ? slopes : fovea::data(std::as_const(*left_));
    if constexpr (prepared<selected<0>>) prepare<K>(b, parameters, from);
    for_each_run([&]<std::size_t G>(parameter_run const& run, std::size_t r) {
      using rule = pass_rule<G, K>;
      auto const links = pass_rule_at<G, K>();
      auto const begin = (std::max)(run.begin, first_), end = (std::min)(run.begin + run.size, first_ + owned_);
      if (begin >= end) return;
      auto const places = domain<1, dynamic>({1, end - begin});
      auto* const state = fovea::data(state_) + first_passes::states_before(K) * owned_ + (begin - first_);
      auto const* const c = coefficients<G, K>(r);
      [&]<std::size_t... S>(std::index_sequence<S...>) {
        if constexpr (K + 1 == pass_count) {
          b.for_each(places, optimizer_step<rule>{links}, each{parameters + begin}, broadcast{c}, each{from + begin},
                     each{state + S * owned_}...);
        } else {
          auto const next = first_link<G, K + 1>();
          constexpr auto sums = (std::max)(std::size_t{1}, measured_sums<std::remove_const_t<decltype(next)>>);
          auto const to = grouping<O>::template frozen<G> ? runs_.size() : r;  // what is frozen does not count
          b.reduce(places, formulas::pass_before<rule, std::remove_const_t<decltype(next)>>{links, next},
                   sums_at<sums>(to), each{parameters + run.begin}, broadcast{c}, each{from + run.begin},
                   out{fovea::data(*left_) + run.begin}, each{state + S * parameters_}...);
        }
      }(std::make_index_sequence<rule::state_count>{});
    });
  }
  /// Takes the owned part of the whole state, which may have been restored.
  void take_own_part(B const& b) {
    for (std::size_t s = 0; s != state_count; ++s)
      b.copy(fovea::data(std::as_const(*whole_)) + s * parameters_ + first_, fovea::data(state_) + s * owned_, owned_);
    b.synchronize();
    whole_.reset();
  }
  /// Writes the numbers that links of pass K read as their first state: random numbers, factors of units, directions of tensors.
  template <std::size_t K> void prepare(B const& b, value_type const* parameters, value_type const* slopes) {
    using all = links<selected<0>>;
    auto* state = fovea::data(state_) + first_passes::states_before(K) * parameters_;
    auto const one = [&]<class Link>([[maybe_unused]] Link const& rule, std::size_t states) {
      if constexpr (drawing<Link>)
        b.for_each_index(parameters_, formulas::draw_state<Link, value_type>{rule, step_.data(), state});
      if constexpr (scaling_units<Link>)
        for (auto const& run : runs_) {
          domain<> const places({run.rows, run.size / run.rows});
          auto *const of_parameters = fovea::data(*scratch_), *const of_slopes = of_parameters + run.rows;
          b.reduce(places, formulas::squares{}, std::tuple{by_row{of_parameters}, by_row{of_slopes}},
                   each{parameters + run.begin}, each{slopes + run.begin});
          b.for_each(places, formulas::scale_of_unit<Link>{rule}, out{state + run.begin}, per_row{of_parameters},
                     per_row{of_slopes});
        }
      if constexpr (preconditioning<Link>)
        for (auto const& run : runs_)
          if (run.size != 0)
            [&]<std::size_t... S>(std::index_sequence<S...>) {
              value_type* const of_run[] = {state + S * parameters_ + run.begin...};
              rule.precondition(b, matrix_to_precondition<value_type>{
                                       run.rows, run.size / run.rows, parameters + run.begin, slopes + run.begin,
                                       of_run, fovea::data(*scratch_), fovea::data(numbers_), step_.data()});
            }(std::make_index_sequence<Link::state_count>{});
      state += states * parameters_;
    };
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      (one(all::template at<first_passes::begin(K) + J>(selection<0>()), all::states[first_passes::begin(K) + J]), ...);
    }(std::make_index_sequence<first_passes::begin(K + 1) - first_passes::begin(K)>{});
  }
  /// The run at which the coefficients of run r lie: the group's first, or its own where each tensor is measured.
  template <std::size_t G, std::size_t K> std::size_t coefficients_run(std::size_t r) const {
    if constexpr (measures_tensors<std::remove_cvref_t<decltype(first_link<G, K>())>>) return r;
    std::size_t first = 0;
    while (runs_[first].group != G) ++first;
    return first;
  }
  template <std::size_t G, std::size_t K> auto* coefficients(std::size_t r) {
    return reinterpret_cast<typename pass_rule<G, K>::coefficients*>(fovea::data(coefficients_) +
                                                                     coefficients_run<G, K>(r) * stride);
  }

  O rule_;
  std::vector<parameter_run> runs_;
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
