// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/grouping.hpp>
#include <fovea/optimizers/scheduled.hpp>
#include <fovea/training/updater_formulas.hpp>

namespace fovea::detail {

/// Returns pass K of an optimizer, whose learning rate is multiplied by a factor in memory.
template <std::size_t K, class O> auto pass_at(O const& rule, double const* factor) {
  auto const all = passes<O>::template pass<K>(rule);
  if constexpr (rated<std::remove_const_t<decltype(all)>>) return scheduled{formulas::rate_in_memory{factor}, all};
  else return all;
}

/// What the type of an optimizer says of its step: its groups, the passes of each, and the numbers that they keep. A step is a
/// sequence of passes over the parameters, one for each measurement and one more.
template <class O> struct update_plan {
  /// The optimizer of group G, which is a chain or one rule.
  static constexpr std::size_t groups = grouping<O>::count;
  template <std::size_t G> static constexpr decltype(auto) select(O const& rule) {
    return grouping<O>::template select<G>(rule);
  }
  template <std::size_t G> using selected = std::remove_cvref_t<decltype(select<G>(std::declval<O const&>()))>;
  template <std::size_t G> static constexpr bool frozen = grouping<O>::template frozen<G>;

  /// Pass K of group G, and its first link, which may measure.
  template <std::size_t G, std::size_t K>
  using pass = decltype(detail::pass_at<K>(std::declval<selected<G> const&>(), nullptr));
  template <std::size_t G, std::size_t K>
  using first =
      std::remove_const_t<decltype(passes<selected<G>>::template first<K>(std::declval<selected<G> const&>()))>;
  template <std::size_t G, std::size_t K> static constexpr bool has_pass = K < passes<selected<G>>::count;
  /// True if a pass is one for each tensor: because it measures, or its coefficients are the tensor's own.
  template <std::size_t G, std::size_t K> static constexpr bool by_tensor() {
    if constexpr (has_pass<G, K>) return has_pass<G, K + 1> || measures_tensors<first<G, K>>;
    else return false;
  }

  /// Returns f.template operator()<S...>() for the optimizers of the groups.
  template <class F> static constexpr auto of_groups(F const& f) {
    return [&]<std::size_t... G>(std::index_sequence<G...>) {
      return f.template operator()<selected<G>...>();
    }(std::make_index_sequence<groups>{});
  }
  static constexpr std::size_t pass_count = of_groups([]<class... S>() { return (std::max)({passes<S>::count...}); });
  /// The numbers of state of a parameter: as many in all groups.
  static constexpr std::size_t state_count = passes<selected<0>>::states_before(passes<selected<0>>::count);
  /// The doubles of one tensor's coefficients.
  static constexpr std::size_t coefficient_doubles =
      of_groups([]<class... S>() { return 1 + (std::max)({links<S>::coefficient_doubles...}); });  // one for the rate
  /// The sums that each tensor has.
  static constexpr std::size_t sums = of_groups([]<class... S>() {
    return (std::max)({std::size_t{1}, links<S>::most_sums...});
  });

  /// True if a step begins by measuring the gradients of all parameters, or of a group's.
  static constexpr bool measures = of_groups([]<class... S>() {
    return (measuring<std::remove_cvref_t<decltype(passes<S>::template first<0>(std::declval<S const&>()))>> || ...);
  });
  /// True if the first number of a link's state is written before its pass.
  static constexpr bool prepares = of_groups([]<class... S>() { return (prepared<S> || ...); });
  static constexpr bool preconditions = of_groups([]<class... S>() { return (links<S>::preconditions || ...); });
  /// True if the optimizer averages the parameters.
  static constexpr bool averages = [] {
    for (bool const one : links<selected<0>>::averages)
      if (one) return true;
    return false;
  }();
  /// The number of states before the average.
  static constexpr std::size_t states_before_average() {
    std::size_t before = 0;
    for (std::size_t i = 0; !links<selected<0>>::averages[i]; ++i) before += links<selected<0>>::states[i];
    return before;
  }
  /// True if the state of a part of the parameters is enough to update that part: nothing is measured of what was updated before.
  static constexpr bool shardable =
      of_groups([]<class... S>() { return ((passes<S>::count == 1 && !prepared<S>)&&...); }) && !averages;
  // A name of its own, so that clang's error shows the sentence in its first line.
  static constexpr bool groups_measure_evenly =
      of_groups([]<class... S>() { return ((passes<S>::last_of_all == passes<selected<0>>::last_of_all) && ...); });
  static_assert(
      groups_measure_evenly,
      "groups: what measures all parameters stands before the groups, unless all groups measure equally often");
};

}  // namespace fovea::detail
