// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/losses/loss.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/cycle_momentum.hpp>
#include <fovea/optimizers/groups.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/optimizers/schedules.hpp>
#include <fovea/text/checksum.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/text/type_words.hpp>

/// Optimizers and losses in words, with their numbers, such as
/// "chain<...>{clip_norm<false>{1}, adam{0.001, 0.9, 0.999, 1e-08, 0}}". Checkpoints store them, and ranks compare them.
///
/// The members of fovea's aggregates are listed. A formula of another type, whose members cannot be listed, stands with a checksum of
/// what it computes, such as "mine#8123": a rule, a schedule or a loss of elements. Of other types, the name alone.
namespace fovea::detail {

/// A checksum of what a formula computes. Processors may round differently, so that only six digits of each number count.
class formula_checksum {
 public:
  void operator()(double x) {
    if (std::isnan(x)) return sum_("nan");
    int exponent = 0;
    double const mantissa = std::frexp(x, &exponent);
    sum_(detail::to_shortest(std::ldexp(std::round(std::ldexp(mantissa, 20)), exponent - 20)));
  }
  std::string words() const { return sum_.words(); }

 private:
  checksum sum_;
};

/// Adds what a link of a chain makes of a few parameters, gradients and measured sums, in steps up to 10^7.
template <class Link> void add_updates(Link const& link, formula_checksum& sum) {
  constexpr std::size_t sums = measured_sums<Link, double>;
  std::array<double, (std::max<std::size_t>)(1, Link::state_count)> state;
  std::array<double*, (std::max<std::size_t>)(1, Link::state_count)> places;
  for (std::size_t i = 0; i != state.size(); ++i) places[i] = &state[i];
  auto const update = [&](auto const& coefficients, double step, double parameter, double slope) {
    state.fill(0);
    for (int twice = 0; twice != 2; ++twice) {
      if constexpr (sums == 1) sum(link.measure(parameter, slope));
      else if constexpr (sums > 1)
        for (std::size_t i = 0; i != sums; ++i) sum(link.measure(parameter, slope).values[i]);
      if constexpr (drawing<Link>) state[0] = link.draw(step, 1);
      if constexpr (scaling_units<Link, double>) state[0] = link.unit_scale(parameter * parameter, slope * slope);
      double left = slope;
      detail::call(std::make_index_sequence<Link::state_count>{}, link, coefficients, parameter, left, places.data());
      sum(parameter), sum(left);
    }
  };
  for (double step = 1; step < 1e7; step = std::ceil(step * 1.2))
    for (double const parameter : {0., 0.7})
      for (double const slope : {0.3, 1e-9}) {
        if constexpr (sums != 0) {
          for (double const measured : {1e-6, 1., 1e6}) {
            std::array<double, sums> all;
            all.fill(measured);
            update(detail::coefficients_from(std::make_index_sequence<sums>{}, link, step, all.data()), step, parameter,
                   slope);
          }
        } else update(link.coefficients_at(step), step, parameter, slope);
      }
}

/// True for a formula whose values tell one object from another.
template <class T>
concept summed_formula = !std::is_empty_v<T> && (optimizer<T, double> || elementwise_loss<T, double> || schedule<T>);

/// Returns a formula's name, and the checksum of what it computes unless it has no members.
template <class T> std::string formula_words(T const&) { return detail::type_words<T>(); }
template <summed_formula T> std::string formula_words(T const& formula) {
  formula_checksum sum;
  if constexpr (optimizer<T, double>) {
    detail::add_updates(formula, sum);
  } else if constexpr (elementwise_loss<T, double>) {
    for (double const output : {-2., 0.1, 0.9, 3.})
      for (double const target : {0., 1.}) sum(formula(output, target));
  } else {
    for (double step = 0; step < 1e7; step = std::ceil(step * 1.2) + 1) {
      sum(formula(step));
      if constexpr (momentum_schedule<T>) sum(formula.momentum_at(step));
    }
  }
  return detail::type_words<T>() + "#" + sum.words();
}

/// Stands for any member of an aggregate, but not for a base of it.
template <class T> struct any_member {
  template <class M>
    requires(!std::is_base_of_v<M, T>)
  operator M() const;
};
template <class T, class Indices> inline constexpr bool takes_members = false;
template <class T, std::size_t... J>
  requires requires { T{((void)J, any_member<T>{})...}; }
inline constexpr bool takes_members<T, std::index_sequence<J...>> = true;
/// The number of members of an aggregate, at most `N`.
template <class T, std::size_t N> consteval std::size_t member_count() {
  if constexpr (N == 0 || takes_members<T, std::make_index_sequence<N>>) return N;
  else return detail::member_count<T, N - 1>();
}

/// True for fovea's own aggregates, whose members are listed: a member that is an array needs a `member_words`.
template <class T>
inline constexpr bool has_words = std::is_aggregate_v<T> && !std::is_empty_v<T> &&
                                  std::string_view(signature_with<T>()).find("T = fovea::") != std::string_view::npos;

template <class T> std::string value_words(T const& value);

/// Returns the type's name before its arguments, and the values in braces.
template <class T, class... M> std::string braced(M const&... members) {
  auto const type = detail::type_words<T>();
  std::string words(type, 0, type.find('<')), between = "{";
  ((words += std::exchange(between, std::string(", ")) + detail::value_words(members)), ...);
  return sizeof...(M) == 0 ? type : words + "}";
}

template <class... O> std::string member_words(chain<O...> const& all) {
  return [&]<std::size_t... J>(std::index_sequence<J...>) {
    return detail::braced<chain<O...>>(links<chain<O...>>::template link<J>(all)...);
  }(std::index_sequence_for<O...>{});
}
template <class... O> std::string member_words(groups<O...> const& all) {
  return std::apply([](auto const&... each) { return detail::braced<groups<O...>>(each...); }, all.all);
}

template <std::size_t N> std::string member_words(multi_step_decay<N> const& all) {
  return detail::braced<multi_step_decay<N>>(std::span<double const>(all.milestones), all.gamma);
}

/// Returns a value in words: numbers, texts, lists, fovea's aggregates of at most eight of these, and formulas.
template <class T> std::string value_words(T const& value) {
  if constexpr (std::same_as<T, bool>) return value ? "true" : "false";
  else if constexpr (std::floating_point<T>) return detail::to_shortest(value);
  else if constexpr (std::is_enum_v<T>) return std::to_string(static_cast<long long>(value));
  else if constexpr (std::integral<T>) return std::to_string(value);
  else if constexpr (std::convertible_to<T const&, std::string>) return quoted(std::string(value));
  else if constexpr (requires { value.value_or(0.); }) return value ? detail::value_words(*value) : "none";
  else if constexpr (requires { detail::member_words(value); }) return detail::member_words(value);
  else if constexpr (requires { value.begin() != value.end(); }) {
    std::string words = "[";
    for (auto const& one : value) words += (words.size() == 1 ? "" : ", ") + detail::value_words(one);
    return words + "]";
  } else if constexpr (!has_words<T>) {
    return detail::formula_words(value);
  } else {
    constexpr auto n = detail::member_count<T, 9>();
    if constexpr (n == 1) {
      auto const& [a] = value;
      return detail::braced<T>(a);
    } else if constexpr (n == 2) {
      auto const& [a, b] = value;
      return detail::braced<T>(a, b);
    } else if constexpr (n == 3) {
      auto const& [a, b, c] = value;
      return detail::braced<T>(a, b, c);
    } else if constexpr (n == 4) {
      auto const& [a, b, c, d] = value;
      return detail::braced<T>(a, b, c, d);
    } else if constexpr (n == 5) {
      auto const& [a, b, c, d, e] = value;
      return detail::braced<T>(a, b, c, d, e);
    } else if constexpr (n == 6) {
      auto const& [a, b, c, d, e, f] = value;
      return detail::braced<T>(a, b, c, d, e, f);
    } else if constexpr (n == 7) {
      auto const& [a, b, c, d, e, f, g] = value;
      return detail::braced<T>(a, b, c, d, e, f, g);
    } else if constexpr (n == 8) {
      auto const& [a, b, c, d, e, f, g, h] = value;
      return detail::braced<T>(a, b, c, d, e, f, g, h);
    } else {
      return detail::formula_words(value);
    }
  }
}

}  // namespace fovea::detail
