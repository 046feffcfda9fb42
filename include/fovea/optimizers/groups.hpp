// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/grouping.hpp>
#include <fovea/optimizers/scheduled.hpp>

namespace fovea {

/// The optimizer of parameters that are not trained. They are in no norm. A layer whose parameters are all frozen keeps its state,
/// too: a `batch_norm` its running statistics.
struct frozen {
  static constexpr std::size_t state_count = 0;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const&, T&, T&) const {}
};
static_assert(optimizer<frozen>);

/// An optimizer for the parameters whose names match a pattern, where * stands for any characters and ? for one.
template <class O> struct group {
  std::string pattern;
  O rule;
};
template <class O> group(char const*, O) -> group<O>;
template <class O> group(std::string, O) -> group<O>;

/// One optimizer, or chain, for each group of parameters: of the first group whose pattern matches the name. PyTorch's parameter
/// groups. What a group's optimizer measures, such as a norm to clip, is measured over the parameters of the group alone.
/// They may stand in a `chain`, between links that all parameters share, and may be `scheduled`. A trainer throws
/// `argument_error` for a pattern that matches nothing, for a group that earlier ones leave empty and for a parameter in no group.
///
///     fovea::groups{fovea::group{"0.*", fovea::frozen{}}, fovea::group{"*.bias", fovea::adamw{.weight_decay = 0}},
///                   fovea::group{"*", fovea::adamw{}}};
template <class... O> struct groups {
  static_assert((detail::links<O>::template valid<float> && ...),
                "groups: each group has an optimizer, or a chain of them");
  std::tuple<group<O>...> all;

  groups(group<O> const&... each) : all(each...) {}

  static constexpr std::size_t state_count = (std::max)({O::state_count...});
  /// Of the first group that has a learning rate.
  double learning_rate_at(double step) const
    requires(rated<O> || ...)
  {
    double rate = 0;
    bool found = false;
    [[maybe_unused]] auto const look = [&](auto const& rule) {
      if constexpr (rated<std::remove_cvref_t<decltype(rule)>>)
        if (!std::exchange(found, true)) rate = fovea::learning_rate_at(rule, step);
    };
    std::apply([&](auto const&... g) { (look(g.rule), ...); }, all);
    return rate;
  }
  void validate() const {
    std::apply([](auto const&... g) { (fovea::validate(g.rule), ...); }, all);
  }
  template <class T> void validate_in() const {
    std::apply([](auto const&... g) { (fovea::validate_in<T>(g.rule), ...); }, all);
  }
};

namespace detail {

/// True if a name matches a pattern of * and ?.
constexpr bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*')
    return detail::matches(pattern.substr(1), name) || (!name.empty() && detail::matches(pattern, name.substr(1)));
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         detail::matches(pattern.substr(1), name.substr(1));
}
static_assert(matches("*.bias", "0.body.bias") && matches("?.*", "1.weight") && !matches("*.bias", "0.bias2"));

/// Returns the number of the first pattern that matches each name.
inline std::vector<std::size_t> assign_groups(std::vector<std::string> const& patterns,
                                              std::vector<parameter_range> const& parameters) {
  std::vector<std::size_t> group_of;
  std::vector<std::size_t> matched(patterns.size()), taken(patterns.size());
  for (auto const& p : parameters) {
    auto first = patterns.size();
    for (std::size_t g = patterns.size(); g-- != 0;)
      if (detail::matches(patterns[g], p.name)) ++matched[g], first = g;
    if (first == patterns.size()) throw argument_error("groups: parameter \"" + p.name + "\" is in no group");
    ++taken[first], group_of.push_back(first);
  }
  for (std::size_t g = 0; g != patterns.size(); ++g) {
    if (matched[g] == 0) throw argument_error("groups: no parameter matches the pattern \"" + patterns[g] + "\"");
    if (taken[g] == 0)
      throw argument_error("groups: the group of the pattern \"" + patterns[g] +
                           "\" is empty: earlier groups have its parameters");
  }
  return group_of;
}

/// The optimizer of a group, or one of its links. The last one has as many numbers of state as make those of all groups equal, so
/// that the state of later links lies at one place.
template <class O, std::size_t States> struct of_group {
  O rule;
  static constexpr std::size_t state_count = States;
  static constexpr bool per_tensor = measures_tensors<O>, per_group = measuring<O> && !measures_tensors<O>;
  using coefficients = typename O::coefficients;
  template <class T>
    requires(measured_sums<O, T> != 0)
  FOVEA_HD constexpr auto measure(T const& parameter, T const& slope) const {
    return rule.measure(parameter, slope);
  }
  FOVEA_HD double draw(double step, std::uint64_t index) const
    requires drawing<O>
  {
    return rule.draw(step, index);
  }
  template <real T>
    requires scaling_units<O, T>
  FOVEA_HD constexpr T unit_scale(T const& parameters, T const& gradients) const {
    return rule.unit_scale(parameters, gradients);
  }
  std::size_t scratch_numbers(std::size_t rows, std::size_t columns) const
    requires preconditioning<O>
  {
    return rule.scratch_numbers(rows, columns);
  }
  template <class B, class T>
    requires preconditioning<O>
  void precondition(B const& b, matrix_to_precondition<T> const& x) const {
    rule.precondition(b, x);
  }
  template <class... Sum>
    requires requires(O const& o, double step, Sum... sum) { o.coefficients_at(step, sum...); }
  FOVEA_HD constexpr coefficients coefficients_at(double step, Sum... sum) const {
    return rule.coefficients_at(step, sum...);
  }
  template <real T, class... M>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T& slope, M&... state) const {
    T* const all[] = {&state..., nullptr};
    detail::call(std::make_index_sequence<O::state_count>{}, rule, c, parameter, slope, all);
  }
  FOVEA_HD constexpr of_group rate_scaled(double factor) const
    requires rated<O>
  {
    return {fovea::rate_scaled(rule, factor)};
  }
  double learning_rate_at(double step) const
    requires rated<O>
  {
    return fovea::learning_rate_at(rule, step);
  }
};

/// Returns a group's optimizer with so many numbers of state, as a chain of its links where one of them reads ahead.
template <std::size_t States, class O> constexpr auto in_group(O const& rule) {
  static_assert(!grouping<O>::grouped, "groups: the optimizer of a group has no groups of its own");
  auto const all = detail::flat_chain(grouping<O>::template select<0>(rule));
  using chained = links<std::remove_const_t<decltype(all)>>;
  constexpr bool reads = [] {
    for (bool const one : chained::measure)
      if (one) return true;
    return false;
  }();
  if constexpr (!reads && !prepared<std::remove_const_t<decltype(all)>>) return of_group<O, States>{rule};
  else
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return chain{of_group<std::remove_cvref_t<decltype(chained::template link<J>(all))>,
                            chained::states[J] + (J + 1 == chained::count ? States - O::state_count : 0)>{
          chained::template link<J>(all)}...};
    }(std::make_index_sequence<chained::count>{});
}

template <class... O> struct grouping<groups<O...>> {
  using all = groups<O...>;
  static constexpr bool grouped = true;
  static constexpr std::size_t count = sizeof...(O);
  template <std::size_t G> using rule = std::tuple_element_t<G, std::tuple<O...>>;
  template <std::size_t G> static constexpr bool frozen = std::same_as<rule<G>, fovea::frozen>;
  template <std::size_t G> static auto select(all const& g) {
    return detail::in_group<all::state_count>(std::get<G>(g.all).rule);
  }
  static std::vector<std::size_t> assign(all const& g, std::vector<parameter_range> const& parameters) {
    return detail::assign_groups(
        std::apply([](auto const&... one) { return std::vector<std::string>{one.pattern...}; }, g.all), parameters);
  }
};

}  // namespace detail

}  // namespace fovea
