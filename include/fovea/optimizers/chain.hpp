// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/optimizers/grouping.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Several optimizers, applied to each parameter one after the other: transforms, which change the gradient, rules, which change
/// the parameter, and averages, which keep it. All that lies between two measurements is one pass over memory. A chain in a chain
/// counts as its links.
///
///     fovea::chain{fovea::clip_by_global_norm{1}, fovea::adamw{.learning_rate = 1e-3}, fovea::ema{.decay = 0.999}};
template <class... O> struct chain;
template <> struct chain<> {
  struct coefficients {};
  static constexpr std::size_t state_count = 0;
};
template <class First, class... Rest> struct chain<First, Rest...> {
  First first;
  chain<Rest...> rest;

  constexpr chain() = default;
  constexpr chain(First const& f, Rest const&... r) : first(f), rest(r...) {}

  static constexpr std::size_t state_count = First::state_count + chain<Rest...>::state_count;
  struct coefficients {
    typename First::coefficients first;
    typename chain<Rest...>::coefficients rest;
  };
  /// `sum`: what the first one has measured.
  template <class... Sum>
    requires requires(First const& f, double step, Sum... sum) { f.coefficients_at(step, sum...); } &&
             (sizeof...(Rest) == 0 || requires(chain<Rest...> const& r, double step) { r.coefficients_at(step); })
  FOVEA_HD constexpr coefficients coefficients_at(double step, Sum... sum) const {
    if constexpr (sizeof...(Rest) == 0) return {first.coefficients_at(step, sum...), {}};
    else return {first.coefficients_at(step, sum...), rest.coefficients_at(step)};
  }
  template <real T, class... M>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T& slope, M&... state) const {
    T* const all[] = {&state..., nullptr};
    apply(c, parameter, slope, all);
  }
  /// Like the call, with the state behind pointers.
  template <class T>
  FOVEA_HD constexpr void apply(coefficients const& c, T& parameter, T& slope, T* const* state) const {
    detail::call(std::make_index_sequence<First::state_count>{}, first, c.first, parameter, slope, state);
    if constexpr (sizeof...(Rest) != 0) rest.apply(c.rest, parameter, slope, state + First::state_count);
  }

  double learning_rate_at(double step) const
    requires(rated<First> || (rated<Rest> || ...))
  {
    if constexpr (rated<First>) return fovea::learning_rate_at(first, step);
    else return rest.learning_rate_at(step);
  }
  FOVEA_HD constexpr chain rate_scaled(double factor) const
    requires(rated<First> || (rated<Rest> || ...))
  {
    auto scaled = *this;
    if constexpr (rated<First>) scaled.first = fovea::rate_scaled(first, factor);
    if constexpr ((rated<Rest> || ...)) scaled.rest = rest.rate_scaled(factor);
    return scaled;
  }
  void validate() const { fovea::validate(first), fovea::validate(rest); }
  template <class T> void validate_in() const { fovea::validate_in<T>(first), fovea::validate_in<T>(rest); }
};
template <class... O> chain(O...) -> chain<O...>;
template <class... O> inline constexpr bool prepared<chain<O...>> = (prepared<O> || ...);

namespace detail {

template <class Chain, class... O> struct flattened;
template <class... Before> struct flattened<chain<Before...>> {
  using type = chain<Before...>;
};
template <class... Before, class O, class... Rest>
struct flattened<chain<Before...>, O, Rest...> : flattened<chain<Before..., O>, Rest...> {};
template <class... Before, class... O, class... Rest>
struct flattened<chain<Before...>, chain<O...>, Rest...> : flattened<chain<Before..., O...>, Rest...> {};

template <class O> constexpr auto links_of(O const& part) { return std::tuple{part}; }
constexpr std::tuple<> links_of(chain<> const&) { return {}; }
template <class First, class... Rest> constexpr auto links_of(chain<First, Rest...> const& part) {
  return std::tuple_cat(std::tuple{part.first}, detail::links_of(part.rest));
}
/// Returns the chain of these links, where a chain is its links.
template <class... O> constexpr auto flat_chain(O const&... parts) {
  return std::make_from_tuple<typename flattened<chain<>, O...>::type>(std::tuple_cat(detail::links_of(parts)...));
}

/// True if a link reads all gradients of a tensor, or of the model, before its update.
template <class O> inline constexpr bool reads_ahead = measuring<O> || scaling_units<O> || preconditioning<O>;

/// True if a link measures the parameters of all groups together.
template <class O> inline constexpr bool measures_all = measuring<O> && !measures_tensors<O> && !measures_group<O>;

/// True if an optimizer's state is an average of the parameters.
template <class O> inline constexpr bool averaging = requires { requires O::averages; };

/// The optimizers of a chain; an optimizer outside a chain is its only one.
template <class O> struct links {
  static constexpr std::size_t count = 1;
  template <class T> static constexpr bool valid = optimizer<O, T>;
  template <std::size_t> static constexpr O const& link(O const& rule) { return rule; }
  static constexpr std::array<bool, 1> measure{reads_ahead<O>}, measure_all{measures_all<O>}, averages{averaging<O>};
  static constexpr std::array<std::size_t, 1> states{O::state_count};
  static constexpr std::size_t coefficient_doubles = (sizeof(typename O::coefficients) + 7) / 8;
  static constexpr std::size_t most_sums = measured_sums<O>;  // that a link measures
  static constexpr bool preconditions = preconditioning<O>;
  static constexpr bool any_measures_tensors = measures_tensors<O>;
};
template <class... O> struct links<chain<O...>> {
  static constexpr std::size_t count = sizeof...(O);
  template <class T> static constexpr bool valid = (optimizer<O, T> && ...);
  template <std::size_t J, class Chain> static constexpr auto const& link(Chain const& c) {
    if constexpr (J == 0) return c.first;
    else return link<J - 1>(c.rest);
  }
  static constexpr std::array<bool, count> measure{reads_ahead<O>...}, measure_all{measures_all<O>...},
      averages{averaging<O>...};
  static constexpr std::array<std::size_t, count> states{O::state_count...};
  static constexpr std::size_t coefficient_doubles = (1 + ... + links<O>::coefficient_doubles);  // of all, or of a part
  static constexpr std::size_t most_sums = (std::max)({std::size_t{0}, measured_sums<O>...});
  static constexpr bool preconditions = (preconditioning<O> || ...);
  static constexpr bool any_measures_tensors = (measures_tensors<O> || ...);
};

template <class... O> struct grouping<chain<O...>> {
  /// The number of the link with groups, or 0.
  static constexpr std::size_t link = [] {
    std::size_t i = 0, found = 0;
    ((grouping<O>::grouped ? void(found = i++) : void(++i)), ...);
    return found;
  }();
  static_assert((0 + ... + int{grouping<O>::grouped}) < 2, "chain: the groups of parameters stand in one link");
  using link_grouping = grouping<std::tuple_element_t<link, std::tuple<O...>>>;
  static constexpr bool grouped = link_grouping::grouped;
  static constexpr std::size_t count = link_grouping::count;
  template <std::size_t G> static constexpr bool frozen = link_grouping::template frozen<G>;
  template <std::size_t G> static constexpr auto select(chain<O...> const& c) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return detail::flat_chain(
          grouping<O>::template select<(J == link ? G : 0)>(links<chain<O...>>::template link<J>(c))...);
    }(std::index_sequence_for<O...>{});
  }
  static auto assign(chain<O...> const& c, std::vector<parameter_range> const& parameters) {
    return link_grouping::assign(links<chain<O...>>::template link<link>(c), parameters);
  }
};

/// The parts of an optimizer that are one pass over memory each: a part begins where something is measured.
template <class O> struct passes {
  using all = links<O>;
  /// The number of the first link of pass k, and the count of passes.
  static constexpr std::size_t begin(std::size_t k) {
    std::size_t i = 0;
    for (; i != all::count; ++i)
      if ((i == 0 || all::measure[i]) && k-- == 0) break;
    return i;
  }
  static constexpr std::size_t count = [] {
    std::size_t n = 1;
    for (std::size_t i = 1; i != all::count; ++i) n += all::measure[i];
    return n;
  }();
  /// The number of the last pass that begins with a measurement of all parameters, or 0.
  static constexpr std::size_t last_of_all = [] {
    std::size_t pass = 0, last = 0;
    for (std::size_t i = 0; i != all::count; ++i) {
      if (i != 0) pass += all::measure[i];
      if (all::measure_all[i]) last = pass;
    }
    return last;
  }();
  /// The number of states before those of pass k.
  static constexpr std::size_t states_before(std::size_t k) {
    std::size_t n = 0;
    for (std::size_t i = 0; i != begin(k); ++i) n += all::states[i];
    return n;
  }
  /// Returns the first link of pass k, and all of them as one optimizer.
  template <std::size_t K> static constexpr auto first(O const& rule) { return all::template link<begin(K)>(rule); }
  template <std::size_t K> static constexpr auto pass(O const& rule) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      if constexpr (sizeof...(J) == 1) return first<K>(rule);
      else return chain{all::template link<begin(K) + J>(rule)...};
    }(std::make_index_sequence<begin(K + 1) - begin(K)>{});
  }
};

}  // namespace detail

}  // namespace fovea
